/**
 * Prints the plain closing line that CI reads: `N passed, N failed, N skipped`. With CELLWRIGHT_NO_SKIPS
 * (CI, which installs what the tests need) a skipped test fails the run.
 */
import type { Reporter, TestModule } from 'vitest/node'

export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 }
    const skipped: string[] = []
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        counts[state] += 1
        if (state === 'skipped') skipped.push(test.fullName)
      }
      if (module.errors().length) counts.failed += 1
    }
    if (process.env.CELLWRIGHT_NO_SKIPS && skipped.length) {
      console.error(`\nSkipped, which is a failure here:\n  ${skipped.join('\n  ')}`)
      process.exitCode = 1
    }
    console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped + counts.pending} skipped`)
  }
}
