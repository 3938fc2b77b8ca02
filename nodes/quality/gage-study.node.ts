import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { Choice, defineNode, MessageValue, Picked } from '../define-node/index.ts'
import { triggerMessage } from '../triggers/message.ts'

const [KEPT, COMPLETE, CLOSED] = [0, 1, 2]
const fed = { field: 'does', is: ['feed'] }

export default defineNode({
  type: 'cw-gage-study',
  family: 'quality',
  label: 'gauge study',
  summary: 'Puts readings of a gauge into a gauge study, or starts a run when somebody has closed it with a verdict.',
  icon: 'gage-study',
  inputs: 1,
  outputs: ['reading kept', 'everything measured', 'closed'],
  config: Type.Object({
    study: Picked('gage-study', { title: 'Study', help: 'Planned on the page Quality, Gauge studies.' }),
    does: Choice(['feed', 'listen'], {
      title: 'What it does',
      labels: { feed: 'puts readings into the study', listen: 'starts a run when the study is closed' },
      default: 'feed',
    }),
    value: Type.Optional(MessageValue(Type.Number(), { title: 'Reading', default: { type: 'msg', value: 'payload' }, when: fed })),
    appraiser: Type.Optional(
      MessageValue(Type.String({ maxLength: 60 }), {
        title: 'Appraiser',
        help: 'Whose next part it is, as the plan names them. Empty: whoever is next.',
        default: { type: 'msg', value: 'appraiser' },
        when: fed,
      }),
    ),
  }),
  setup(context) {
    const { study: studyId, does } = context.config
    const remove =
      does === 'listen'
        ? context.services.triggers.register({
            face: { nodeId: context.id, kind: 'event', name: context.name, about: 'a gauge study is closed', on: { source: 'quality-study', studyId } },
            onFire(firing) {
              const { values, ...rest } = firing
              const closed = values.payload as { study: string; verdict: string }
              context.status(closed.verdict === 'rejected' ? { alarm: `${closed.study}: rejected` } : { ok: `${closed.study}: ${closed.verdict}` })
              context.send(CLOSED, { ...triggerMessage({ ...rest, values: {} }, { topic: closed.study }), payload: closed })
            },
            onSwitch: (isOn) => context.status(isOn ? { waiting: 'waits for the verdict' } : { off: 'switched off' }),
          })
        : () => {}
    return {
      async input(message) {
        if (does === 'listen')
          throw new UserError({
            code: 'input-unused',
            message: 'This node starts runs by itself. To put readings into the study, choose so in "What it does".',
          })
        const value = await context.value('value', message)
        if (value === undefined) throw new UserError({ code: 'value-missing', message: 'The message has no reading. Set "Reading" to where it is.' })
        const appraiser = (await context.value('appraiser', message))?.trim()
        const kept = await context.services.studies.addStudyReading({
          nodeId: context.id,
          studyId,
          entryId: newId('ent'),
          value,
          ...(appraiser ? { appraiser } : {}),
          ...(typeof message.unit === 'string' ? { unit: message.unit } : {}),
          ...(message._run ? { runId: message._run } : {}),
        })
        const isComplete = kept.readings >= kept.of
        context.status(isComplete ? { ok: 'everything measured' } : { info: `part ${kept.part}, ${kept.appraiser}: ${kept.readings} of ${kept.of}` })
        context.send(isComplete ? COMPLETE : KEPT, { ...message, study: kept })
      },
      close: () => remove(),
    }
  },
})
