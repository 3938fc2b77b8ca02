/**
 * Which test files begin first: those that take long, so that at the end no processor waits for one of them. Vitest itself knows how long
 * a file takes only where it has run before, and a file's size says little.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The longest first; measured on four processors. */
const LONG = [
  'test/templates/shipped.test.ts',
  'test/faults/orchestration.test.ts',
  'test/faults/kill.test.ts',
  'test/cli/cli.test.ts',
  'test/faults/hosts.test.ts',
  'test/faults/disk.test.ts',
  'test/browser/designer-stock.test.ts',
  'test/browser/designer-keyboard.test.ts',
  'server/rehearsal/killed.test.ts',
  'test/browser/designer-jobs.test.ts',
  'test/browser/pages.test.ts',
  'test/faults/launcher.test.ts',
  'server/rehearsal/host/rehearse.test.ts',
  'test/browser/operator.test.ts',
  'test/browser/designer-flow-tests.test.ts',
  'test/faults/jobs.test.ts',
  'test/browser/operator-shift.test.ts',
  'test/browser/demo.test.ts',
  'test/browser/machining.test.ts',
  'server/store/store.test.ts',
  'test/faults/redis.test.ts',
  'nodes/motion/guard/test/sequences.test.ts',
  'test/browser/designer-connections.test.ts',
  'nodes/motion/guard/test/faults.test.ts',
  'nodes/motion/guard/test/process.test.ts',
  'test/browser/designer-deploy.test.ts',
  'test/browser/proxy.test.ts',
  'test/browser/designer-arrange.test.ts',
  'test/life/launcher.test.ts',
  'test/life/killed.test.ts',
  'test/faults/triggers.test.ts',
  'test/browser/designer-cancelling.test.ts',
  'server/mirror/mirror.test.ts',
  'adapters/mqtt-events/mqtt-events.test.ts',
  'test/cli/motion.test.ts',
  'test/browser/designer-panels.test.ts',
  'test/escalation-mqtt.test.ts',
  'server/store/embedded/embedded.test.ts',
  'server/connections/connections.test.ts',
  'test/browser/designer-config.test.ts',
  'server/flows/deploy.test.ts',
  'server/runtime/runtime.test.ts',
  'test/browser/runs.test.ts',
  'server/jobs/dispatch.test.ts',
  'nodes/motion/guard/test/faulty-link.test.ts',
  'server/rehearsal/rehearsal.test.ts',
]

export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = LONG.findIndex((name) => moduleId.endsWith(`/${name}`))
      return at < 0 ? LONG.length : at
    }
    return (await super.sort(files)).sort((a, b) => place(a) - place(b))
  }
}
