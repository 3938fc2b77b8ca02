/** The mark: a flow's node over a milled pocket. Drawn with the text colour. */
export function Logo({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" aria-hidden="true">
      <rect x="1.5" y="1.5" width="21" height="21" rx="6" fill="var(--cw-accent)" />
      <path d="M5 15.5h3.2c2.4 0 2.4-7 4.8-7H15" stroke="var(--cw-accent-ink)" strokeWidth="2" strokeLinecap="round" />
      <circle cx="17" cy="8.5" r="2.2" fill="var(--cw-accent-ink)" />
      <path d="M11.5 15.5H19" stroke="var(--cw-accent-ink)" strokeWidth="2" strokeLinecap="round" opacity="0.55" />
    </svg>
  )
}
