/** axe-core on a page that allows no foreign script: it is brought in over the debugger. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface AxeWindow {
  axe: {
    run(
      context: unknown,
      options: object,
    ): Promise<{ violations: { id: string; impact: string | null; nodes: { target: string[]; failureSummary?: string }[] }[] }>
  }
}

/** By then nothing fades in or out any more. */
const STILL_WITHIN_MS = 20_000

/**
 * Violations of WCAG 2.2 A and AA, or of some rules only, one line each: rule, element, what is wrong.
 * @param parts selectors of parts of the page @defaultValue all of it
 */
export async function violationsOf(page: Page, rules?: readonly string[], parts?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source)
  // nodes get their names in the frame behind the one that draws them
  await page.waitForFunction(() => !document.querySelector('.flow-node:not([aria-label])'))
  return page.evaluate(
    async ([only, within, withinMs]) => {
      const { axe } = window as unknown as AxeWindow
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
      const isFading = () => document.getAnimations().some((animation) => animation instanceof CSSTransition && animation.playState === 'running')
      let hasFaded = false
      const fades = () => {
        hasFaded = true
      }
      document.addEventListener('transitionrun', fades, true)
      for (const deadline = performance.now() + withinMs; ; ) {
        // what has just been put on the page begins to fade in with the next frame
        for (let still = 0; still < 2 && performance.now() < deadline; still = isFading() ? 0 : still + 1) await frame()
        hasFaded = false
        const { violations } = await axe.run(within ? within.filter((part) => document.querySelector(part)).map((part) => [part]) : document, {
          runOnly: only ? { type: 'rule', values: only } : { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] },
          // experimental in axe-core 4.14: counts key hints and drawn signs as label text
          rules: { 'label-content-name-mismatch': { enabled: false } },
          resultTypes: ['violations'],
        })
        if (violations.length > 0) await frame()
        // what fades in or out has colours that nobody reads: then it is looked at again
        if (violations.length > 0 && (hasFaded || isFading()) && performance.now() < deadline) continue
        document.removeEventListener('transitionrun', fades, true)
        return violations.flatMap(({ id, impact, nodes }) =>
          nodes.map(({ target, failureSummary }) => `${id} (${impact}): ${target.join(' ')}: ${(failureSummary ?? '').replaceAll(/\s+/g, ' ').slice(0, 300)}`),
        )
      }
    },
    [rules, parts, STILL_WITHIN_MS] as const,
  )
}

/** Shows the page in light or dark, and waits until it is so: a colour half way is nobody's. */
export async function showScheme(page: Page, scheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
  await page.waitForFunction(
    (wanted) =>
      document.documentElement.dataset.mantineColorScheme === wanted &&
      !document.getAnimations().some((animation) => animation instanceof CSSTransition && animation.playState !== 'finished'),
    scheme,
  )
}
