/** Characteristics of a CSV file: looked at line by line first, then added. */
import { Button, FileButton, Progress } from '@mantine/core'
import { Download, Upload } from 'lucide-react'
import { useState } from 'react'
import { createCharacteristic } from '../../../server/api/quality/index.ts'
import { ApiError, call } from '../../shared/api.ts'
import { BackTo } from '../back-to.tsx'
import { AqdefImport } from '../files/aqdef-import.tsx'
import { type ChartsText, toleranceInWords, useChartsText, useFormats } from '../use-quality-text.ts'
import { EXAMPLE_CSV, type LineProblem, type ReadFile, readCsv } from './from-csv.ts'

type Work = { done: number; failed: { line: number; name: string; message: string }[]; isOver: boolean }

export function ImportList({ onDone, onBack }: { onDone: () => void; onBack: () => void }) {
  const { importing: text, head, form } = useChartsText()
  const format = useFormats()
  const [read, setRead] = useState<ReadFile>()
  const [work, setWork] = useState<Work>()
  const lines = read && 'lines' in read ? read.lines : []
  const good = lines.flatMap(({ line, name, definition }) => (definition ? [{ line, name, definition }] : []))

  const run = async () => {
    const failed: Work['failed'] = []
    for (const [index, { line, name, definition }] of good.entries()) {
      setWork({ done: index, failed: [...failed], isOver: false })
      try {
        await call(createCharacteristic, { body: { definition } })
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        failed.push({ line, name, message: error.message })
      }
    }
    setWork({ done: good.length, failed, isOver: true })
    onDone()
  }

  return (
    <section className="quality-pad quality-narrow" aria-labelledby="import-title">
      <BackTo label={head.back} onBack={onBack} />
      <h1 id="import-title">{text.title}</h1>
      <p>{text.lead}</p>
      <p className="quality-dim">{text.columns}</p>
      <div className="quality-actions">
        <FileButton
          accept=".csv,text/csv,text/plain"
          onChange={(file) => {
            setWork(undefined)
            void file?.text().then((content) => setRead(readCsv(content)))
          }}
        >
          {(props) => (
            <Button {...props} leftSection={<Upload size={16} aria-hidden />} data-testid="import-file">
              {text.choose}
            </Button>
          )}
        </FileButton>
        <Button
          component="a"
          href={`data:text/csv;charset=utf-8,${encodeURIComponent(EXAMPLE_CSV)}`}
          download="characteristics.csv"
          variant="default"
          leftSection={<Download size={16} aria-hidden />}
        >
          {text.example}
        </Button>
      </div>
      {read && 'problem' in read && (
        <p className="quality-problem" role="alert">
          {text.problems[read.problem]}
        </p>
      )}
      {lines.length > 0 && !work && (
        <>
          <p role="status">{text.lines(format.number(good.length), format.number(lines.length))}</p>
          <ul className="quality-history" data-testid="import-lines">
            {lines.slice(0, 500).map(({ line, name, definition, problem }) => (
              <li key={line}>
                <span className="quality-dim">
                  {text.line} {line}
                </span>
                <strong>{name}</strong>
                {definition && (
                  <span>
                    {toleranceInWords(head, format.number, definition)} · {form.kinds[definition.chart.kind]}
                  </span>
                )}
                {problem && <span className="quality-problem">{problemInWords(text, problem)}</span>}
              </li>
            ))}
          </ul>
          {good.length > 0 && (
            <Button onClick={() => void run()} data-testid="import-go">
              {text.go(format.number(good.length))}
            </Button>
          )}
        </>
      )}
      {work && (
        <div role="status" data-testid="import-work">
          {!work.isOver && (
            <>
              <Progress value={(100 * work.done) / Math.max(1, good.length)} aria-label={text.working(format.number(work.done), format.number(good.length))} />
              <p>{text.working(format.number(work.done), format.number(good.length))}</p>
            </>
          )}
          {work.isOver && <p>{text.done(format.number(good.length - work.failed.length))}</p>}
          {work.failed.length > 0 && (
            <>
              <p className="quality-problem">{text.failed(format.number(work.failed.length))}</p>
              <ul>
                {work.failed.map(({ line, name, message }) => (
                  <li key={line}>
                    {text.line} {line}, {name}: {message}
                  </li>
                ))}
              </ul>
            </>
          )}
          {work.isOver && <Button onClick={onBack}>{text.back}</Button>}
        </div>
      )}
      <AqdefImport onDone={onDone} />
    </section>
  )
}

function problemInWords({ problems }: ChartsText['importing'], problem: LineProblem): string {
  switch (problem.code) {
    case 'number':
      return problems.number(problem.column, problem.value)
    case 'kind':
      return problems.kind(problem.value)
    default:
      return problems[problem.code]
  }
}
