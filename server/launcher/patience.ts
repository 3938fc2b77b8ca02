/** Waiting for something, but not for ever. */

/** True when `work` settles within `ms`; `sooner` cuts what is left of the time down to its `ms`. */
export async function within(work: Promise<unknown>, ms: number, sooner?: { signal: AbortSignal; ms: number }): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  let cut: (() => void) | undefined
  const late = new Promise<false>((resolve) => {
    const end = performance.now() + ms
    const arm = (left: number) => {
      clearTimeout(timer)
      timer = setTimeout(() => resolve(false), Math.max(0, left))
    }
    arm(ms)
    cut = () => arm(Math.min(end - performance.now(), sooner?.ms ?? 0))
    if (sooner?.signal.aborted) cut()
    else sooner?.signal.addEventListener('abort', cut, { once: true })
  })
  try {
    return await Promise.race([
      work.then(
        () => true as const,
        () => true as const,
      ),
      late,
    ])
  } finally {
    clearTimeout(timer)
    if (cut) sooner?.signal.removeEventListener('abort', cut)
  }
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
