/**
 * What is told many times a second is drawn together: all that came with the next frame, and then so often at most. Nobody reads
 * faster, and a page that is told two hundred changes a second draws twenty times.
 */
const EVERY_MS = 50
/** A window that is not seen draws no frames; what it knows must stay current. */
const UNSEEN_MS = 250

const waiting = new Set<() => void>()
let isPlanned = false
let drawnAt = 0

/** Calls back soon, once for however often it was asked. All that were asked for come together, so that React renders once. */
export function soon(work: () => void): void {
  waiting.add(work)
  if (isPlanned) return
  isPlanned = true
  setTimeout(plan, Math.max(0, drawnAt + EVERY_MS - performance.now()))
}

/** It need not be done any more. */
export function notAnyMore(work: () => void): void {
  waiting.delete(work)
}

function plan(): void {
  const timer = setTimeout(draw, UNSEEN_MS)
  const frame = requestAnimationFrame(draw)
  function draw(): void {
    clearTimeout(timer)
    cancelAnimationFrame(frame)
    isPlanned = false
    drawnAt = performance.now()
    const due = [...waiting]
    waiting.clear()
    for (const work of due) work()
  }
}
