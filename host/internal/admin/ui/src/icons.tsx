// The fixed list of icons that screens may name, drawn on a grid of 24.
const paths: Record<string, string> = {
  alert: 'M12 4 2.5 20h19zM12 10v4M12 17v.01',
  barcode: 'M4 6v12M7 6v12M10 6v12M14 6v12M16 6v12M20 6v12',
  bell: 'M6 17V11a6 6 0 0 1 12 0v6l2 1H4zM10 20a2 2 0 0 0 4 0',
  box: 'M12 3 4 7v10l8 4 8-4V7zM4 7l8 4 8-4M12 11v10',
  calendar: 'M4 6h16v14H4zM4 10h16M8 3v4M16 3v4',
  cash: 'M3 7h18v10H3zM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5M6 12h.01M18 12h.01',
  chart: 'M4 20h16M7 16v-5M12 16V6M17 16v-8',
  clock: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 8v4l3 2',
  coin: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M15 9.5h-4a1.5 1.5 0 0 0 0 3h2a1.5 1.5 0 0 1 0 3H9M12 7.5v1.5M12 15v1.5',
  gift: 'M4 9h16v4H4zM6 13v7h12v-7M12 9v11M12 9C9 9 7 8 7 6.500S10 4 12 9c2-5 5-4 5-2.500S15 9 12 9',
  history: 'M4 12a8 8 0 1 0 2.500-5.800L4 8.500M4 4v4.500h4.500M12 8v4l3 2',
  list: 'M9 6h11M9 12h11M9 18h11M4 6h.01M4 12h.01M4 18h.01',
  mail: 'M3 6h18v12H3zM3 7l9 6 9-6',
  message: 'M4 5h16v11h-9l-4 4v-4H4z',
  percent: 'M18 6 6 18M7.500 5.500a2 2 0 1 0 0 4 2 2 0 0 0 0-4M16.500 14.500a2 2 0 1 0 0 4 2 2 0 0 0 0-4',
  pin: 'M12 21s-7-6-7-11a7 7 0 0 1 14 0c0 5-7 11-7 11M12 7.500a2.500 2.500 0 1 0 0 5 2.500 2.500 0 0 0 0-5',
  plug: 'M8 3v5M16 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4',
  plus: 'M12 5v14M5 12h14',
  receipt: 'M5 3v18l2.500-1.500L10 21l2-1.500 2 1.500 2.500-1.500L19 21V3zM9 8h6M9 12h6',
  scale: 'M12 4v16M7 20h10M5 7h14M5 7l-2.500 6h5zM19 7l-2.500 6h5z',
  search: 'M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13M15.500 15.500 20 20',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4',
  shield: 'M12 3 5 6v5c0 5 3 8 7 10 4-2 7-5 7-10V6zM9 12l2 2 4-4',
  star: 'M12 4l2.500 5.200 5.500.800-4 4 1 5.500-5-2.700-5 2.700 1-5.500-4-4 5.500-.800z',
  store: 'M4 10v10h16V10M3 9l2-5h14l2 5a3 3 0 0 1-6 0 3 3 0 0 1-6 0 3 3 0 0 1-6 0M10 20v-5h4v5',
  table: 'M4 5h16v14H4zM4 10h16M10 10v9',
  tag: 'M4 4h8l8 8-8 8-8-8zM8 8h.01',
  truck: 'M3 6h11v10H3zM14 10h4l3 3v3h-7M7 18.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3M17 18.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3',
  user: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4 20c0-4 4-6 8-6s8 2 8 6',
  users: 'M9 5a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7M2 20c0-4 3.500-6 7-6s7 2 7 6M16 5.500a3.500 3.500 0 0 1 0 6.500M18 14.500c2.500.700 4 2.700 4 5.500',
};

/** An icon beside a text; it says nothing of its own. */
export function Icon({ name, size = 18 }: { name: string | undefined; size?: number }) {
  const d = paths[name ?? ''] ?? paths.list;
  return (
    <svg aria-hidden="true" focusable="false" width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.7" strokeLinecap="round" strokeLinejoin="round">
      <path d={d} />
    </svg>
  );
}
