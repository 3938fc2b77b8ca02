/**
 * Long work in small steps: a generator that yields often, so that whoever runs it can let the event loop go on in
 * between. The gateway's loop carries every stop; flows of some megabytes must not hold it.
 */

/** Work that yields wherever it may pause. */
export type Steps<T> = Generator<undefined, T, undefined>

/** How long one step may take: a stop passes through the event loop two or three times. */
const STEP_MS = 1

/** Does it all now. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** Does about {@link STEP_MS} of it in every turn of the event loop. What fits into one step is done before this returns. */
export function inSteps<T>(steps: Steps<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const go = () => {
      const until = performance.now() + STEP_MS
      try {
        do {
          const { done, value } = steps.next()
          if (done) return resolve(value)
        } while (performance.now() < until)
      } catch (error) {
        return reject(error)
      }
      setImmediate(go)
    }
    go()
  })
}
