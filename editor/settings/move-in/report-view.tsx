/** The report of what was brought, and the choice of what comes along. */
import { Button, PasswordInput, Select } from '@mantine/core'
import { ArrowLeft, CircleCheck } from 'lucide-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { answerMoveIn, type MoveIn } from '../../../server/api/move-in.ts'
import { call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { FlowsStep } from './flows-step.tsx'
import type { Imported } from './imported.ts'
import { Lines } from './lines.tsx'
import { MachinesStep } from './machines-step.tsx'
import { MacrosStep } from './macros-step.tsx'
import { useMoveInText } from './words.ts'

export function ReportView({ report, onReport, onLeave }: { report: MoveIn; onReport: (report: MoveIn) => void; onLeave: () => void }) {
  const text = useMoveInText()
  const format = formats(useLanguage())
  const [done, setDone] = useState<Imported>()
  if (done) return <Done done={done} onLeave={onLeave} />
  return (
    <article data-testid="move-in-report">
      <Button variant="subtle" color="gray" leftSection={<ArrowLeft size={16} aria-hidden />} onClick={onLeave}>
        {text.back}
      </Button>
      <section className="settings-card">
        <h3>
          {text.kinds[report.kind]}: {report.name}
        </h3>
        <p className="settings-dim">{text.read(format.number(report.files.length), format.number(report.passedOver))}</p>
        <Questions report={report} onReport={onReport} />
        {report.lines.length > 0 && <Lines lines={report.lines} />}
      </section>
      {report.kind === 'node-red' ? (
        // other flows are other choices
        <FlowsStep key={report.flowFile?.chosen} report={report} onDone={setDone} />
      ) : (
        <>
          <MachinesStep report={report} />
          <MacrosStep report={report} onDone={setDone} />
        </>
      )}
    </article>
  )
}

/** What could not be read from the files, asked of the person. */
function Questions({ report, onReport }: { report: MoveIn; onReport: (report: MoveIn) => void }) {
  const text = useMoveInText()
  const [secret, setSecret] = useState('')
  const { isBusy, problem, run } = useDoing()
  const [isOpened, setOpened] = useState(false)
  const { flowFile } = report
  const answer = (body: { credentialSecret?: string; flowFile?: string }) =>
    run(async () => {
      onReport(await call(answerMoveIn, { params: { moveInId: report.id }, body }))
      setOpened(body.credentialSecret !== undefined)
      setSecret('')
    })
  const give = (event: FormEvent) => {
    event.preventDefault()
    if (secret) void answer({ credentialSecret: secret })
  }
  return (
    <>
      {flowFile && (flowFile.choices.length > 1 || (flowFile.chosen === undefined && flowFile.choices.length > 0)) && (
        <Select
          className="move-in-question"
          label={text.flowFile}
          placeholder={text.flowFileChoose}
          data={flowFile.choices}
          value={flowFile.chosen ?? null}
          disabled={isBusy}
          allowDeselect={false}
          onChange={(file) => file && void answer({ flowFile: file })}
          data-testid="move-in-flow-file"
        />
      )}
      {report.credentials === 'locked' && (
        <form className="move-in-question" onSubmit={give}>
          <PasswordInput
            label={text.secretTitle}
            description={text.secretHint}
            placeholder={text.secret}
            value={secret}
            autoComplete="off"
            onChange={(event) => setSecret(event.currentTarget.value)}
            error={problem}
            data-testid="move-in-secret"
          />
          <Button type="submit" variant="default" loading={isBusy} disabled={!secret}>
            {text.secretGive}
          </Button>
        </form>
      )}
      {report.credentials !== 'locked' && problem !== undefined && (
        <p className="settings-problem" role="alert">
          {problem}
        </p>
      )}
      <p role="status" className={isOpened ? undefined : 'settings-only-read'}>
        {isOpened ? text.secretOpened : ''}
      </p>
    </>
  )
}

function Done({ done, onLeave }: { done: Imported; onLeave: () => void }) {
  const text = useMoveInText()
  const format = formats(useLanguage())
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <section className="settings-card" data-testid="move-in-done">
      <h3 ref={heading} tabIndex={-1} className="move-in-done">
        <CircleCheck size={20} aria-hidden /> {text.done}
      </h3>
      <p>{text.doneHint}</p>
      <ul className="move-in-facts">
        {done.flows.map(({ id, label }) => (
          <li key={id}>
            <strong>{label}</strong>
          </li>
        ))}
        <li>{text.doneNodes(format.number(done.nodes))}</li>
        {done.secrets > 0 && <li>{text.doneSecrets(format.number(done.secrets))}</li>}
        {done.contextKeys > 0 && <li>{text.doneContext(format.number(done.contextKeys))}</li>}
        {done.programs.length > 0 && (
          <li>
            {text.donePrograms} {done.programs.map(({ name }) => name).join(', ')}
          </li>
        )}
      </ul>
      {done.missingTypes.length > 0 && (
        <p className="settings-warn" role="status">
          {text.doneMissing(done.missingTypes.join(', '))}
        </p>
      )}
      <div className="settings-actions">
        <Button component="a" href="/" data-testid="move-in-designer">
          {text.toDesigner}
        </Button>
        <Button variant="default" onClick={onLeave}>
          {text.back}
        </Button>
      </div>
    </section>
  )
}
