/** Seeds that a person can read out: below a million. */
const SEEDS = 1_000_000;

export const newSeed = () => Math.floor(Math.random() * SEEDS);

/** One for each picture, from `first` on; the noise of neighbours has nothing in common. */
export const seedsFrom = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);
