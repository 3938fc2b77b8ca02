/** `cellwright steps …`: what runs wait for, what people are asked, events, and who has which named resource. */
import type { Command } from 'commander'
import { UserError } from '../../../base/errors.ts'
import { answerAsk, endStep, type LockView, listAsks, listLocks, listSteps, raiseEvent, type StepView, type WaitingAsk } from '../../api/index.ts'
import { numberFrom, type Shell } from './shell.ts'

export function addStepCommands(program: Command, { client, output }: Shell): void {
  const steps = program.command('steps').description('what runs wait for, questions to people, events and locks')
  steps
    .command('list')
    .description('what waits, oldest first; with --run everything of that run')
    .option('--run <run>', 'only those of a run, ended ones too')
    .option('--limit <n>', 'how many', numberFrom({ min: 1, max: 1000, isWhole: true }), 50)
    .action(async ({ run, limit }: { run?: string; limit: number }) => {
      output().table(
        await client().call(listSteps, { query: { limit, ...(run === undefined ? {} : { runId: run }) } }),
        {
          STEP: (step: StepView) => step.id,
          SINCE: (step) => step.since,
          NODE: (step) => step.nodeName ?? step.nodeType,
          STATE: (step) => step.outcome ?? (step.isNodeMissing ? 'waiting (its node is not running)' : step.state),
          DUE: (step) => step.dueAt,
          WHAT: (step) => step.text,
        },
        'Nothing waits.',
      )
    })
  steps
    .command('end <step>')
    .description('ends a step: what waits there does not go on')
    .requiredOption('--why <text>', 'stands in the history of its run')
    .action(async (stepId: string, { why }: { why: string }) => {
      const step = await client().call(endStep, { params: { stepId }, body: { reason: why } })
      output().result(step, step.text)
    })
  steps
    .command('asks')
    .description('what flows ask people')
    .action(async () => {
      output().table(
        await client().call(listAsks, {}),
        {
          STEP: (one: WaitingAsk) => one.stepId,
          SINCE: (one) => one.since,
          QUESTION: (one) => one.ask.title,
          ANSWERS: (one) => one.ask.choices.map(({ key, label }) => `${key} (${label})`).join(', '),
          VALUES: (one) => one.ask.fields.map(({ key, unit }) => `${key}${unit ? ` in ${unit}` : ''}`).join(', '),
          BY: (one) => one.ask.deadline,
        },
        'Nobody is asked anything.',
      )
    })
  steps
    .command('answer <step> <choice>')
    .description('answers a question; the first answer counts')
    .option('--value <name=value...>', 'values that are asked for')
    .option('--comment <text>', 'kept with the answer')
    .action(async (stepId: string, choice: string, { value = [], comment }: { value?: string[]; comment?: string }) => {
      const asked = (await client().call(listAsks, {})).find((one) => one.stepId === stepId)
      const values = Object.fromEntries(value.map((pair) => valueFrom(pair, asked)))
      const step = await client().call(answerAsk, {
        params: { stepId },
        body: { answerId: crypto.randomUUID(), choice, values, ...(comment === undefined ? {} : { comment }) },
      })
      output().result(step, `Answered "${choice}".`)
    })
  steps
    .command('raise <event>')
    .description('tells flows that something happened: those that wait for it go on')
    .option('--key <key>', 'only those that wait for this key, and those that wait for any')
    .option('--payload <json>', 'arrives in msg.event.payload')
    .action(async (name: string, { key, payload }: { key?: string; payload?: string }) => {
      const answer = await client().call(raiseEvent, {
        params: { name },
        body: { ...(key === undefined ? {} : { key }), ...(payload === undefined ? {} : { payload: jsonFrom(payload) }) },
      })
      output().result(answer, answer.woken === 1 ? 'One message goes on.' : `${answer.woken} messages go on.`)
    })
  steps
    .command('locks')
    .description('named resources: who has each, and how many wait')
    .action(async () => {
      output().table(
        await client().call(listLocks, {}),
        {
          RESOURCE: (lock: LockView) => lock.name,
          RUN: (lock) => lock.holder?.runId ?? 'free',
          SINCE: (lock) => lock.holder?.since,
          UNTIL: (lock) => lock.holder?.until,
          WAITING: (lock) => String(lock.waiting.length),
        },
        'No flow has locked anything yet.',
      )
    })
}

function valueFrom(pair: string, asked: WaitingAsk | undefined): [string, string | number] {
  const at = pair.indexOf('=')
  if (at < 1) throw new UserError({ code: 'usage', message: `"${pair}" is no value: give it as name=value.` })
  const [name, raw] = [pair.slice(0, at), pair.slice(at + 1)]
  const isNumber = asked?.ask.fields.find(({ key }) => key === name)?.kind === 'number'
  if (!isNumber) return [name, raw]
  const value = Number(raw)
  if (raw.trim() === '' || !Number.isFinite(value)) throw new UserError({ code: 'usage', message: `"${raw}" is no number for ${name}.` })
  return [name, value]
}

function jsonFrom(raw: string): unknown {
  try {
    return JSON.parse(raw)
  } catch {
    // a bare word is meant as text
    return raw
  }
}
