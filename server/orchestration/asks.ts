/** What flows ask people: the list of open questions for panels, and the check of an answer. */
import { messageOf, UserError } from '../../base/errors.ts'
import type { Logger } from '../../base/log.ts'
import type { StepAsk, WaitingAsk } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import type { LiveHub } from '../http/live-hub.ts'
import { checkAnswer } from './check-answer.ts'
import type { Db, StepRow } from './rows.ts'
import type { Wake } from './runtime-contract.ts'

const GATHER_MS = 50
/** Cards that a panel can show; the API lists them the same. */
const MOST = 200

interface Answer {
  answerId: string
  choice: string
  values: Record<string, string | number>
  comment?: string
}
type AnswerWake = Extract<Wake, { kind: 'answer' }>

export interface Asks {
  list(): Promise<WaitingAsk[]>
  /** The list may have changed: tells the pages soon. */
  changed(): void
  /**
   * Checks an answer. `again`: this very answer was given before.
   * @throws UserError answered-already, not-allowed, choice-unknown, value-missing
   */
  read(row: StepRow, answer: Answer, caller: Caller, now: number): AnswerWake | 'again'
  /** Why a step takes no answer any more. */
  over(row: StepRow): UserError
  inWords(row: StepRow, answer: AnswerWake): string
  close(): void
}

export function createAsks({ db, live, log }: { db: Db; live: LiveHub; log: Logger }): Asks {
  let timer: NodeJS.Timeout | undefined
  const list = async (): Promise<WaitingAsk[]> => {
    const rows = await db
      .selectFrom('step')
      .select(['id', 'runId', 'nodeId', 'createdAt', 'ask'])
      .where('state', '=', 'waiting')
      .where('ask', 'is not', null)
      .where('wake', 'is', null)
      .orderBy('createdAt')
      .limit(MOST)
      .execute()
    return rows.map(({ id, runId, nodeId, createdAt, ask }) => ({ stepId: id, runId, nodeId, since: createdAt.toISOString(), ask: ask as StepAsk }))
  }
  const over = (row: StepRow) =>
    new UserError({
      code: 'answered-already',
      status: 409,
      message: row.state === 'ended' ? `This question is over: ${row.text}` : 'This question has been answered by somebody else just now.',
    })

  live.provide('asks', list)
  return {
    list,
    changed() {
      timer ??= setTimeout(() => {
        timer = undefined
        list().then(
          (asks) => live.publish('asks', asks),
          (error) => log.warn({ reason: messageOf(error) }, 'open questions could not be read; told at the next change'),
        )
      }, GATHER_MS)
    },
    read(row, answer, caller, now) {
      const ask = row.ask as StepAsk | null
      const wake = row.wake as Wake | null
      if (wake?.kind === 'answer' && wake.id === answer.answerId) return 'again'
      if (row.state !== 'waiting' || !ask || wake) throw over(row)
      if (!caller.capabilities.has(ask.who))
        throw new UserError({ code: 'not-allowed', status: 403, message: 'This question is for others: your role does not include the right it takes.' })
      const choice = ask.choices.find(({ key }) => key === answer.choice)
      if (!choice) throw new UserError({ code: 'choice-unknown', message: `Answer with one of: ${ask.choices.map(({ key }) => key).join(', ')}.` })
      const values = checkAnswer(ask, { choice, values: answer.values, comment: answer.comment, by: caller.name })
      return {
        kind: 'answer',
        id: answer.answerId,
        choice: choice.key,
        values,
        by: caller.name,
        at: now,
        ...(answer.comment === undefined ? {} : { comment: answer.comment }),
      }
    },
    over,
    inWords(row, { by, choice }) {
      const ask = row.ask as StepAsk | null
      return `"${ask?.title ?? row.nodeName ?? 'question'}" answered by ${by}: ${ask?.choices.find(({ key }) => key === choice)?.label ?? choice}`
    },
    close() {
      clearTimeout(timer)
    },
  }
}
