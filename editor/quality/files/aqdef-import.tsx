/** An AQDEF file: looked at first, then taken over; what cannot be is named by its line. */
import './files.css'
import { Button, FileButton } from '@mantine/core'
import { Upload } from 'lucide-react'
import { useState } from 'react'
import { type AqdefImport as Answer, importAqdef } from '../../../server/api/quality/index.ts'
import { call } from '../../shared/api.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { Refusal } from '../refusal.tsx'
import { useFormats } from '../use-quality-text.ts'
import { useFilesText } from './words.ts'

export function AqdefImport({ onDone }: { onDone: () => void }) {
  const text = useFilesText().import
  const format = useFormats()
  const [content, setContent] = useState<Blob>()
  const [looked, setLooked] = useState<Answer>()
  const [done, setDone] = useState<Answer>()
  const { isBusy, problem, run } = useDoing()
  const choose = (files: File[]) => {
    setLooked(undefined)
    setDone(undefined)
    if (files.length === 0) return
    // the description stands in front of the values that it describes
    const ordered = files.toSorted((a, b) => Number(/\.dfx$/i.test(a.name)) - Number(/\.dfx$/i.test(b.name)))
    const whole = new Blob(ordered.flatMap((file, at) => (at === 0 ? [file] : ['\r\n', file])))
    setContent(whole)
    void run(async () => setLooked(await call(importAqdef, { query: { dryRun: true }, body: whole })))
  }
  const take = () =>
    void run(async () => {
      if (!content) return
      setDone(await call(importAqdef, { query: { partly: true }, body: content }))
      onDone()
    })
  const answer = done ?? looked
  const count = (answer?.characteristics ?? [])
    .filter(({ state }) => state !== 'refused')
    .reduce((sum, { values, entered }) => sum + (done ? entered : values), 0)
  return (
    <section className="quality-files" aria-labelledby="aqdef-title">
      <h2 id="aqdef-title">{text.title}</h2>
      <p>{text.lead}</p>
      <FileButton multiple accept=".dfq,.dfd,.dfx" onChange={choose}>
        {(props) => (
          <Button {...props} variant="default" disabled={isBusy} leftSection={<Upload size={16} aria-hidden />} data-testid="aqdef-file">
            {text.choose}
          </Button>
        )}
      </FileButton>
      <Refusal>{problem}</Refusal>
      {isBusy && <p role="status">{looked ? text.working : text.looking}</p>}
      {answer && (
        <div data-testid={done ? 'aqdef-done' : 'aqdef-looked'}>
          {answer.problemCount > 0 && (
            <>
              <p className="quality-problem" role="alert">
                {text.problems(format.number(answer.problemCount))}
              </p>
              <ul className="quality-history" data-testid="aqdef-problems">
                {answer.problems.map(({ line, code, text: said }) => (
                  <li key={`${line} ${code} ${said}`}>
                    <strong>{text.line(String(line))}</strong>
                    <span>{text.problem(code, said)}</span>
                  </li>
                ))}
              </ul>
            </>
          )}
          <ul className="quality-history">
            {answer.characteristics.map(({ index, name, part, state, values, entered, repeated }) => (
              <li key={index}>
                <strong>{[name, part].filter(Boolean).join(' · ')}</strong>
                <span>{text.states[state]}</span>
                <span>{done ? text.entered(format.number(entered), format.number(repeated)) : text.values(format.number(values))}</span>
              </li>
            ))}
          </ul>
          {done && <p role="status">{text.done(format.number(count))}</p>}
          {!done && count > 0 && (
            <Button onClick={take} loading={isBusy} data-testid="aqdef-go">
              {answer.problemCount > 0 ? text.partly(format.number(count)) : text.go(format.number(count))}
            </Button>
          )}
        </div>
      )}
    </section>
  )
}
