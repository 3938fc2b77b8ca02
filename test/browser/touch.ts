/** A finger on a touch screen: put down, moved, kept, lifted, as the browser gets it from the screen itself. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Browser, CDPSession, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { complaintsOf, SIZES } from './chromium.ts'
import { keepUntilActed } from './hands.ts'

export interface Panel {
  page: Page
  touch: CDPSession
  /** Of the page, in the console. */
  complaints: string[]
  close(): Promise<void>
}

/** A window on a touch screen, without anybody signed in. */
export async function openPanel(browser: Browser, viewport: { width: number; height: number } = SIZES.panel): Promise<Panel> {
  const context = await browser.newContext({ viewport, hasTouch: true, locale: 'en-GB' })
  const complaints = complaintsOf(context)
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  return { page, touch: await context.newCDPSession(page), complaints, close: () => context.close() }
}

export async function centreOf(target: Locator): Promise<{ x: number; y: number }> {
  const box = (await target.boundingBox())!
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

export function finger(touch: CDPSession, type: 'touchStart' | 'touchMove' | 'touchEnd', at?: { x: number; y: number }): Promise<unknown> {
  return touch.send('Input.dispatchTouchEvent', { type, touchPoints: at ? [at] : [] })
}

const SEEN_WITHIN_MS = 3_000
const MOVING_WITHIN_MS = 40_000

/**
 * Holds a direction of the pad until the machine moves; the finger stays. On a busy computer the beats of the page come late and the
 * guard ends the jog, as it must: the finger then presses again.
 */
export async function holdUntilMoving({ touch }: Pick<Panel, 'touch'>, button: Locator, isMoving: () => Promise<boolean>): Promise<{ x: number; y: number }> {
  for (const deadline = Date.now() + MOVING_WITHIN_MS; Date.now() < deadline; ) {
    await expect.poll(() => button.isEnabled(), { timeout: 15_000 }).toBe(true)
    await button.scrollIntoViewIfNeeded()
    const at = await centreOf(button)
    await finger(touch, 'touchStart', at)
    for (const lookUntil = Date.now() + SEEN_WITHIN_MS; Date.now() < lookUntil; ) {
      if (await isMoving()) return at
      // the controller may live in this process, and must get on
      await pause(20)
    }
    await finger(touch, 'touchEnd')
  }
  throw new Error(`no jog was under way within ${MOVING_WITHIN_MS} ms`)
}

/** Keeps a finger on a button until it has acted. */
export function keepPressed({ touch }: Pick<Panel, 'touch'>, button: Locator): Promise<void> {
  const press = async () => finger(touch, 'touchStart', await centreOf(button))
  return keepUntilActed(button, press, () => finger(touch, 'touchEnd'))
}
