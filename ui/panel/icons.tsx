/** Our own icons on a grid of 16 pixels, drawn with the line of Figma's. All are decoration: the button says what it does. */
const PATHS = {
  down: 'M4.5 6.5 8 10l3.5-3.5',
  frame: 'M5 2.5v11M11 2.5v11M2.5 5h11M2.5 11h11',
  plus: 'M8 3.5v9M3.5 8h9',
  close: 'm4.5 4.5 7 7m0-7-7 7',
  check: 'm3.5 8.5 3 3 6-7',
  lock: 'M4 7.5h8v5.5H4zM5.75 7.5V5.25a2.25 2.25 0 0 1 4.5 0V7.5',
  unlock: 'M4 7.5h8v5.5H4zM5.75 7.5V5a2.25 2.25 0 0 1 4.3-.9',
  dice: 'M3.5 3.5h9v9h-9zM6 6h.01M10 6h.01M8 8h.01M6 10h.01M10 10h.01',
  heart:
    'M8 13S2.75 9.9 2.75 6.4C2.75 4.6 4.1 3.4 5.5 3.4c1.1 0 2 .6 2.5 1.6.5-1 1.4-1.6 2.5-1.6 1.400 0 2.750 1.2 2.750 3C13.250 9.900 8 13 8 13z',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  clock: 'M8 2.750a5.250 5.250 0 1 0 0 10.500 5.250 5.250 0 0 0 0-10.500zM8 5v3.200l2.100 1.300',
  sliders: 'M2.500 5h5.500M11.500 5h2M2.500 11h2M8 11h5.500M9.750 3.250v3.500M6.250 9.250v3.500',
  search: 'M7 2.750a4.250 4.250 0 1 0 0 8.500 4.250 4.250 0 0 0 0-8.500zM10.200 10.200l3.300 3.300',
  save: 'M8 2.500v7.500M5 7.250 8 10.250l3-3M3 13.250h10',
  trash: 'M3 4.500h10M6.250 4.500V3h3.500v1.500M4.250 4.500l.6 8.750h6.300l.6-8.750',
  copy: 'M5.500 5.500v-3h8v8h-3M2.500 5.500h8v8h-8z',
  back: 'M9.500 4 5.500 8l4 4',
  forward: 'm6.500 4 4 4-4 4',
  less: 'M3.500 8h9',
  enlarge: 'M9.500 2.750h3.750V6.500M6.500 13.250H2.750V9.500M13 3 9.250 6.750M3 13l3.750-3.750',
  stack: 'M2.750 2.750h7v7h-7zM12 6h1.250v7.250H6V12',
  model: 'M8 2.250 13.250 5v6L8 13.750 2.750 11V5zM2.750 5 8 7.750 13.250 5M8 7.750v6',
  warn: 'M8 2.750 14 13.250H2zM8 6.750v3M8 11.500h.01',
  info: 'M8 2.750a5.250 5.250 0 1 0 0 10.500 5.250 5.250 0 0 0 0-10.500zM8 7.500v3.250M8 5.250h.01',
  shuffle:
    'M2.500 4.500h2.250l6 7h2.750M2.500 11.500h2.250l1.800-2.100M9 6.600l1.750-2.100h2.750M11.750 2.750l1.750 1.750-1.750 1.750M11.750 9.750l1.750 1.750-1.750 1.750',
  vectors:
    'M3 11.500C4.500 5 11.500 5 13 11.500M1.750 11.500h2.500v2h-2.500zM11.750 11.500h2.500v2h-2.500zM6.750 2.500h2.500v2h-2.500zM2.500 3.500h4.250M9.250 3.500h4.250',
  pin: 'M6 2.750h4l-.5 4 2 2.250v1H4.500v-1l2-2.250zM8 10v3.500',
  words: 'M3 4.500h10M3 8h6.500M3 11.500h8.500',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, filled = false }: { readonly name: IconName; readonly filled?: boolean }) {
  return (
    <svg class="icon" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path
        d={PATHS[name]}
        fill={filled ? 'currentColor' : 'none'}
        stroke="currentColor"
        stroke-width={name === 'more' || name === 'dice' ? 1.5 : 1.1}
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}
