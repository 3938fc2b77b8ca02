/** What a machine asks of a person: an answer its program waits for, an interlock that is open, a program that was broken off. */
import './machine.css'
import { notifications } from '@mantine/notifications'
import { ArrowRight, CircleCheck, CircleHelp, Play, Ruler, SkipForward, Square, TriangleAlert } from 'lucide-react'
import type { MachineState } from '../../../server/api/machines.ts'
import { answerMachineJob } from '../../../server/api/motion.ts'
import { call } from '../api.ts'
import { formats, useLanguage } from '../text/index.ts'
import { HoldToConfirm } from './hold-to-confirm.tsx'
import { useMachineText } from './use-machine-text.ts'

type Job = NonNullable<MachineState['job']>

const ANSWER_ICONS = { 'go-on': Play, 'skip-line': SkipForward, stop: Square, 'measure-tool': Ruler }

/** What the program waits for, in words, and the answers it takes: each says what will move. */
export function WaitingJob({ machineId, job, mayOperate }: { machineId: string; job: Job; mayOperate: boolean }) {
  const text = useMachineText()
  const format = formats(useLanguage())
  const { waitingFor } = job
  if (!waitingFor) return null
  const answer = (what: (typeof waitingFor.answers)[number]) =>
    call(answerMachineJob, { params: { machineId }, body: { jobId: job.jobId, answer: what } }).catch((error: Error) =>
      notifications.show({ color: 'red', title: text.answers[what], message: error.message, autoClose: 10_000 }),
    )
  return (
    <section className="cw-waiting" data-testid="waiting" role="alert">
      <h2>
        {text.waitingFor[waitingFor.kind]} <small>{text.atLine(format.number(waitingFor.line))}</small>
        {waitingFor.tool !== undefined && <strong className="cw-numbers">{text.toolNumber(String(waitingFor.tool))}</strong>}
      </h2>
      <p>{waitingFor.text}</p>
      <div className="cw-answers">
        {waitingFor.answers.map((what) => {
          const Icon = ANSWER_ICONS[what]
          return (
            <HoldToConfirm
              key={what}
              testId={`answer-${what}`}
              tone={what === 'go-on' || what === 'measure-tool' ? 'action' : 'plain'}
              icon={<Icon size={22} aria-hidden />}
              label={text.answers[what]}
              says={text.answerMeanings[what]}
              hint={mayOperate ? text.holdToConfirm : text.notAllowed}
              isDisabled={!mayOperate}
              onConfirm={() => answer(what)}
            />
          )
        })}
      </div>
    </section>
  )
}

const INTERLOCK_LOOKS = { safe: CircleCheck, unsafe: TriangleAlert, unknown: CircleHelp }

/** Only those that keep the machine from starting: what is safe is normal and needs no words. */
export function OpenInterlocks({ interlocks }: { interlocks: NonNullable<MachineState['interlocks']> }) {
  const text = useMachineText()
  const open = interlocks.filter(({ state }) => state !== 'safe')
  if (!open.length) return null
  return (
    <div className="cw-notice" data-testid="interlocks-open">
      <strong>{text.interlockOpen}</strong>
      <ul className="cw-interlocks">
        {open.map(({ id, name, state }) => {
          const Icon = INTERLOCK_LOOKS[state]
          return (
            <li key={id}>
              <Icon size={20} aria-hidden /> {name}: {text.interlock[state]}
            </li>
          )
        })}
      </ul>
    </div>
  )
}

/** A program that was broken off: where, and the way to look at a start there. Nothing starts from here. */
export function Resumable({ machineId, resumable, mayOperate }: { machineId: string; resumable: NonNullable<MachineState['resumable']>; mayOperate: boolean }) {
  const text = useMachineText()
  const format = formats(useLanguage())
  const where = new URLSearchParams({ machine: machineId, sha256: resumable.sha256, line: String(resumable.line) })
  return (
    <div className="cw-notice" data-testid="resumable">
      <strong>{text.resumable(resumable.programName, format.number(resumable.line))}</strong>
      <p>
        <code>{resumable.text}</code> {text.resumableHow}
      </p>
      {mayOperate && (
        <a className="cw-notice-link" href={`/programs#resume?${where}`}>
          {text.resumableOpen} <ArrowRight size={20} aria-hidden />
        </a>
      )}
    </div>
  )
}
