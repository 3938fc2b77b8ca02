/** English: what the server finds in flows, and why it refuses. The findings' English is the API's own. */
import { FINDINGS } from '../../../../server/api/findings.ts'

/** Facts of a refusal (`details` of the problem document). */
type Facts = Readonly<Record<string, unknown>>
const problems = (count: number) => (count === 1 ? 'one problem' : `${count} problems`)

export const designerFindings = {
  findings: FINDINGS,
  /** Behind what only somebody with `flows.code` may deploy. */
  askEngineer: 'Somebody with the right to deploy code can do this for you.',
  /** By the code of the refusal; what is not here is shown as the server says it. */
  refusals: {
    unreachable: () => 'The server cannot be reached. Check the network, then try again.',
    'runtime-away': () => 'The flow runtime is not running just now. It is started again by itself; try again in a few seconds.',
    'not-allowed': () => 'Your role does not include the right to do this.',
    'reason-missing': () => 'This is production: a deploy needs a reason. Say why, then deploy again.',
    'version-mismatch': () => 'Somebody else deployed in the meantime. Both sets of changes have to be put together first.',
    'flows-invalid': ({ count }: Facts) => `${problems(Number(count))} in the flows. Nothing was changed.`,
    'node-type-unknown': ({ count }: Facts) => `${problems(Number(count))} in the flows, a type that is not installed among them. Nothing was changed.`,
    'node-type-not-allowed': ({ count }: Facts) =>
      `These flows hold ${Number(count) === 1 ? 'a change' : `${count} changes`} that your role may not deploy. Nothing was changed.`,
    'deploy-failed': ({ reason, isRestored }: Facts) =>
      `The flows could not be started${reason === undefined ? '.' : `: ${reason}`} ${
        isRestored === true
          ? 'The flows from before are running again.'
          : isRestored === false
            ? 'The flows from before could not be started again either.'
            : ''
      }`.trim(),
    'version-not-found': () => 'This version is not there any more.',
    'not-waiting': () => 'This message does not wait any more: it went on, was dropped, or its node was stopped by a deploy.',
    'rehearsal-busy': () => 'Two rehearsals are under way. Wait until one has ended.',
    'recording-gone': () => 'What was recorded is not in the run history any more, or was too large to be kept. Choose another recorded answer, or give one.',
    'no-sample': () => 'The connector of this connection declares no shape that a sample could be made of. Enter the values.',
    'message-not-kept': () => 'What began this run was not kept, or is not part of the flows any more: a test of it could not begin.',
    'run-not-found': () => 'There is no such run, or it is older than what the history keeps.',
    'never-held': () =>
      'This node makes a machine stand, or tells it whether it is safe. Its messages are never held back; set the breakpoint at another node.',
    'too-many-breakpoints': () => 'There are too many breakpoints already. Remove some first.',
    'machine-moving': ({ machine, isMoving, part }: Facts) =>
      `${machine} ${isMoving === true ? 'moves' : 'works'} now, and this ${part === 'node' ? 'node' : 'flow'} acts on it. Nothing was paused. Wait until it stands, or hold it with HOLD, then try again.`,
  },
}
