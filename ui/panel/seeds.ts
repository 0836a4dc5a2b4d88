/** Seeds that a person can read out: below a million. */
const SEEDS = 1_000_000;

export const newSeed = () => Math.floor(Math.random() * SEEDS);
