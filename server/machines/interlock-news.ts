/** Which news of interlocks are worth writing down: the first, and every one that says something else. */
export interface InterlockNews {
  isNew(machineId: string, interlockId: string, isSafe: boolean, by: string): boolean
}

const KEPT = 1000

export function createInterlockNews(): InterlockNews {
  const last = new Map<string, string>()
  return {
    isNew(machineId, interlockId, isSafe, by) {
      const key = JSON.stringify([machineId, interlockId])
      const news = `${isSafe} ${by}`
      if (last.get(key) === news) return false
      last.delete(key)
      last.set(key, news)
      const oldest = last.keys().next()
      if (last.size > KEPT && !oldest.done) last.delete(oldest.value)
      return true
    },
  }
}
