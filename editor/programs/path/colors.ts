/** The colours of the drawing, from the tokens: a canvas knows no style sheets. */

const TOKENS = {
  ground: '--cw-canvas',
  feed: '--cw-path-feed',
  feedPale: '--cw-path-feed-pale',
  rapid: '--cw-path-rapid',
  rapidPale: '--cw-path-rapid-pale',
  line: '--cw-accent',
  envelope: '--cw-line-strong',
  grid: '--cw-grid-dot',
  keepOut: '--cw-state-warning',
  error: '--cw-state-alarm',
  warning: '--cw-state-warning',
  note: '--cw-ink-3',
  tool: '--cw-ink',
  machineTool: '--cw-state-action',
  approach: '--cw-state-action',
  axisX: '--cw-axis-x',
  axisY: '--cw-axis-y',
  axisZ: '--cw-axis-z',
} as const
export type PathColors = Record<keyof typeof TOKENS, string>

/** As they are now, light or dark. */
export function readColors(): PathColors {
  const probe = document.createElement('span')
  probe.style.display = 'none'
  document.body.append(probe)
  const colors = Object.fromEntries(
    Object.entries(TOKENS).map(([name, token]) => {
      probe.style.color = `var(${token})`
      return [name, getComputedStyle(probe).color]
    }),
  ) as PathColors
  probe.remove()
  return colors
}

/** Calls when light becomes dark or the other way round. @returns what ends it */
export function watchColors(changed: () => void): () => void {
  const scheme = matchMedia('(prefers-color-scheme: dark)')
  const observer = new MutationObserver(changed)
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-mantine-color-scheme'] })
  scheme.addEventListener('change', changed)
  return () => {
    observer.disconnect()
    scheme.removeEventListener('change', changed)
  }
}
