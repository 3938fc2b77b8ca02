/** `cellwright triggers list|show|on|off|fire|times`. */
import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import { UserError } from '../../../base/errors.ts'
import { fireTrigger, getTrigger, listTriggers, previewTimes, switchTrigger, type TriggerFiring, type TriggerTimes, type TriggerView } from '../../api/index.ts'
import { numberFrom, type Shell } from './shell.ts'

function timesText(times: TriggerTimes): string {
  switch (times.kind) {
    case 'cron':
      return `cron ${times.pattern}`
    case 'interval':
      return `every ${times.every} ${times.unit}`
    case 'once':
      return `once at ${times.at}`
    case 'calendar':
      return [times.moment, times.shift, times.time, times.everyMin && `every ${times.everyMin} min`, times.offsetMin && `${times.offsetMin} min`]
        .filter(Boolean)
        .join(', ')
    default:
      return times satisfies never
  }
}

const firingText = ({ dueAt, state, runState, runId, by, text, reason, missed }: TriggerFiring): string =>
  [dueAt, state, runState, runId, by && `by ${by}`, text, reason, missed && missed > 1 && `for ${missed} missed times`].filter(Boolean).join('  ')

function triggerText(trigger: TriggerView, firings: readonly TriggerFiring[]): string {
  return [
    `${trigger.id}: ${trigger.name}, ${trigger.kind}, ${trigger.isOn ? 'on' : 'off'}${trigger.flowName ? `, in "${trigger.flowName}"` : ''}`,
    ...(trigger.times ? [`${timesText(trigger.times)} (${trigger.zone})`] : []),
    ...(trigger.about ? [trigger.about] : []),
    ...(trigger.silence ? [`silent: ${trigger.silence}`] : []),
    ...trigger.next.map((at) => `next ${at}`),
    ...trigger.fields.map(
      ({ key, label, kind, isRequired, choices }) =>
        `asks ${key}: ${label}, ${kind}${choices ? ` (${choices.join(', ')})` : ''}${isRequired ? '' : ', optional'}`,
    ),
    ...firings.map(firingText),
  ].join('\n')
}

/** `key=value` pairs. @throws UserError bad-value */
function valuesFrom(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      if (at < 1) throw new UserError({ code: 'bad-value', message: `"${pair}" is no value: write name=value.` })
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )
}

export function addTriggerCommands(program: Command, { client, output }: Shell): void {
  const triggers = program.command('triggers').description('what starts the flows')
  triggers
    .command('list')
    .description('lists triggers with their next time')
    .action(async () => {
      output().table(
        await client().call(listTriggers, {}),
        {
          TRIGGER: (t) => t.id,
          NAME: (t) => t.name,
          KIND: (t) => t.kind,
          FLOW: (t) => t.flowName,
          ON: (t) => (t.isOn ? 'on' : 'off'),
          NEXT: (t) => t.next[0] ?? t.silence,
          LAST: (t) => t.last[0] && `${t.last[0].dueAt} ${t.last[0].runState ?? t.last[0].state}`,
        },
        'No trigger: the running flows have none.',
      )
    })
  triggers
    .command('show <trigger>')
    .description('one trigger, its next times and its last firings')
    .option('--limit <n>', 'how many firings', numberFrom({ min: 1, max: 200, isWhole: true }), 20)
    .action(async (triggerId: string, { limit }: { limit: number }) => {
      const found = await client().call(getTrigger, { params: { triggerId }, query: { limit } })
      output().result(found, triggerText(found.trigger, found.firings))
    })
  for (const isOn of [true, false])
    triggers
      .command(`${isOn ? 'on' : 'off'} <trigger>`)
      .description(isOn ? 'switches a trigger on; what passed meanwhile is not made up for' : 'switches a trigger off, over deploys and restarts')
      .action(async (triggerId: string) => {
        const trigger = await client().call(switchTrigger, { params: { triggerId }, body: { isOn } })
        output().result(trigger, `${trigger.name} is ${isOn ? `on${trigger.next[0] ? `, next ${trigger.next[0]}` : ''}` : 'off'}.`)
      })
  triggers
    .command('fire <trigger> [values...]')
    .description('fires a trigger now; values as name=value. The flow behind it may move a machine')
    .option('--id <id>', 'the same id twice is one firing (8 characters or more)')
    .action(async (triggerId: string, pairs: string[], { id }: { id?: string }) => {
      const firing = await client().call(fireTrigger, { params: { triggerId }, body: { fireId: id ?? randomUUID(), values: valuesFrom(pairs) } })
      output().result(firing, firingText(firing))
    })
  triggers
    .command('times <pattern>')
    .description('the next times of a cron pattern')
    .option('--zone <zone>', 'time zone, e.g. Europe/Berlin')
    .option('--count <n>', 'how many', numberFrom({ min: 1, max: 50, isWhole: true }), 5)
    .action(async (pattern: string, { zone, count }: { zone?: string; count: number }) => {
      const found = await client().call(previewTimes, { body: { config: { schedule: 'cron', pattern, ...(zone ? { zone } : {}) }, count } })
      if (found.problem) throw new UserError({ code: 'bad-pattern', message: found.problem })
      output().result(found, [`in ${found.zone}`, ...found.next].join('\n'))
    })
}
