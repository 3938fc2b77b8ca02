/** The colours of charts, from the tokens: a canvas knows no style sheets. */

const TOKENS = {
  ground: '--cw-surface',
  ink: '--cw-ink',
  quiet: '--cw-ink-2',
  grid: '--cw-line',
  line: '--cw-chart-line',
  limit: '--cw-chart-limit',
  center: '--cw-chart-center',
  tolerance: '--cw-chart-tolerance',
  zone: '--cw-chart-zone',
  alarm: '--cw-state-alarm',
  warning: '--cw-state-warning',
  excluded: '--cw-ink-3',
  accent: '--cw-accent',
} as const
export type PlotColors = Record<keyof typeof TOKENS, string> & { font: string }

/** As they are now, light or dark. */
export function readColors(host: HTMLElement): PlotColors {
  const probe = document.createElement('span')
  probe.style.display = 'none'
  host.append(probe)
  const colors = Object.fromEntries(
    Object.entries(TOKENS).map(([name, token]) => {
      probe.style.color = `var(${token})`
      return [name, getComputedStyle(probe).color]
    }),
  ) as Record<keyof typeof TOKENS, string>
  probe.remove()
  return { ...colors, font: getComputedStyle(host).fontFamily }
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
