/**
 * Whether a click is the second one on the same thing. Counted here and not by the browser, which forgets the first click when
 * the element under the pointer is drawn anew in between.
 */
import type { Hit } from '../hit.ts'

const DOUBLE_CLICK_MS = 450
const DOUBLE_CLICK_PX = 16

type Click = Pick<PointerEvent, 'clientX' | 'clientY' | 'timeStamp'>

export class Clicks {
  #last: { on: string; click: Click } | undefined

  /** @returns whether it is a second one */
  add({ clientX, clientY, timeStamp }: Click, hit: Hit): boolean {
    const click = { clientX, clientY, timeStamp }
    const isSecond = this.wouldBeSecond(click, hit)
    this.#last = isSecond ? undefined : { on: nameOf(hit), click }
    return isSecond
  }

  wouldBeSecond({ clientX, clientY, timeStamp }: Click, hit: Hit): boolean {
    const last = this.#last
    return (
      last !== undefined &&
      last.on === nameOf(hit) &&
      timeStamp - last.click.timeStamp <= DOUBLE_CLICK_MS &&
      Math.hypot(clientX - last.click.clientX, clientY - last.click.clientY) <= DOUBLE_CLICK_PX
    )
  }
}

const nameOf = (hit: Hit): string => ('id' in hit ? hit.id : hit.on)
