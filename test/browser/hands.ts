/** What a person does at a page, for tests and pictures. */
import type { BrowserContext, Locator, Page } from 'playwright-core'

/** Of everybody in these tests. */
export const PASSWORD = 'a long enough password'

/** The cookies of somebody who is signed in, without the page for it (which has tests of its own). */
export async function signInTo(context: BrowserContext, url: string, userName: string): Promise<void> {
  const answer = await context.request.post(`${url}/api/auth/sign-in/username`, {
    data: { username: userName, password: PASSWORD },
    headers: { origin: url, 'sec-fetch-site': 'same-origin' },
  })
  if (!answer.ok()) throw new Error(`${userName} could not sign in: ${answer.status()} ${await answer.text()}`)
}

/** Does what the command palette offers first for these words, which its name must contain. */
export async function runCommand(page: Page, words: string): Promise<void> {
  await page.getByTestId('canvas').focus()
  await page.keyboard.press('Control+k')
  await page.locator('[data-testid="commands-search"]:focus').waitFor()
  await page.keyboard.type(words)
  // the list follows what is typed a moment later
  await page.locator('.commands [role="option"][aria-selected="true"]', { hasText: words }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByTestId('commands').waitFor({ state: 'detached' })
}

/** Presses at one place of the window and lets go at another. */
export async function drag(page: Page, from: { x: number; y: number }, to: { x: number; y: number }, button: 'left' | 'right' = 'left'): Promise<void> {
  await page.mouse.move(from.x, from.y)
  await page.mouse.down({ button })
  await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 4 })
  await page.mouse.move(to.x, to.y, { steps: 4 })
  await page.mouse.up({ button })
}

/** A button that acts only when it is kept pressed acts then (`hold-to-confirm.tsx`). */
const KEPT_MS = 900
const PRESSED_WITHIN_MS = 5_000
const ACTS_WITHIN_MS = 60_000

/**
 * Keeps a button pressed until it has acted. What the button shows meanwhile is watched in the page: it is there for less than a second,
 * and whoever looks from outside may be too late. Where the page itself let go (its line was lost, it was drawn anew) it is pressed again.
 */
export async function keepUntilActed(button: Locator, press: () => Promise<unknown>, release: () => Promise<unknown>): Promise<void> {
  for (const deadline = Date.now() + ACTS_WITHIN_MS; Date.now() < deadline; ) {
    await button.and(button.page().locator(':enabled')).waitFor()
    await button.scrollIntoViewIfNeeded()
    const watched = await button.evaluateHandle((element, withinMs) => {
      let pressedAt: number | undefined
      element.addEventListener('pointerdown', () => {
        pressedAt = performance.now()
      })
      const keptMs = new Promise<number>((resolve) => {
        let isPressed = false
        const observer = new MutationObserver(() => {
          const wasPressed = isPressed
          isPressed = element.isConnected && element.hasAttribute('data-pressed')
          if (isPressed || !wasPressed) return
          observer.disconnect()
          resolve(performance.now() - (pressedAt ?? 0))
        })
        observer.observe(document, { subtree: true, childList: true, attributeFilter: ['data-pressed'] })
        setTimeout(() => isPressed || resolve(0), withinMs)
      })
      return { keptMs }
    }, PRESSED_WITHIN_MS)
    await press()
    const keptMs = await watched.evaluate((seen) => seen.keptMs)
    await release()
    if (keptMs >= KEPT_MS) return
  }
  throw new Error(`the button did not act within ${ACTS_WITHIN_MS} ms`)
}

/** Two frames on: what was done is drawn. */
export async function drawn(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
}

/** A picture for whoever works on the page, where `CELLWRIGHT_SHOTS` names a folder. */
export async function shot(page: Page, name: string): Promise<void> {
  if (process.env.CELLWRIGHT_SHOTS) await page.screenshot({ path: `${process.env.CELLWRIGHT_SHOTS}/${name}.png` })
}
