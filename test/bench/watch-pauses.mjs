// Put into a process with `--import`: at SIGUSR2 it writes its garbage-collection pauses and event-loop delays since the last time to BENCH_PAUSES_FILE.
import { writeFileSync } from 'node:fs'
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'

let gcMs = []
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) gcMs.push(duration)
}).observe({ entryTypes: ['gc'] })
const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()
process.on('SIGUSR2', () => {
  const seen = { gcMs, loopMaxMs: delay.max / 1e6, loopP99Ms: delay.percentile(99) / 1e6 }
  gcMs = []
  delay.reset()
  writeFileSync(process.env.BENCH_PAUSES_FILE, `${JSON.stringify(seen)}\n`)
})
