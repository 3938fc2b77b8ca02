/** The fields of the machine forms: three axes in a row, parts with a heading, and where a problem is told. */
import { type ReactNode, useId } from 'react'
import { LengthField } from '../../shared/length-field.tsx'
import { useMachinesText } from '../use-machines-text.ts'
import type { Problem, Triple } from './draft.ts'

const AXES = ['X', 'Y', 'Z'] as const

export interface TripleFieldProps {
  label: string
  description?: ReactNode
  value: Triple
  onChange: (value: Triple) => void
  /** The path of the value in the draft, to find its problems. */
  path: string
  problems: readonly Problem[]
  testId?: string
}

/** X, Y, Z beside each other. */
export function TripleField({ label, description, value, onChange, path, problems, testId }: TripleFieldProps) {
  const id = useId()
  const tell = useTell(problems)
  return (
    <fieldset className="mf-triple" aria-describedby={description ? id : undefined}>
      <legend>{label}</legend>
      {description && (
        <p id={id} className="mf-hint">
          {description}
        </p>
      )}
      <div>
        {AXES.map((axis, index) => (
          <LengthField
            key={axis}
            label={axis}
            value={value[index] ?? ''}
            onChange={(next) => onChange(value.with(index, next) as Triple)}
            error={tell(`${path}.${index}`)}
            {...(testId ? { testId: `${testId}-${axis}` } : {})}
          />
        ))}
      </div>
    </fieldset>
  )
}

/** The words for the problem at a path; nothing where there is none. */
export function useTell(problems: readonly Problem[]): (path: string) => string | undefined {
  const text = useMachinesText()
  return (path) => {
    const problem = problems.find((one) => one.path === path)
    return problem && text.problems[problem.code]
  }
}

/** A part of a form with its own heading: of the third level, where it stands below one of the second. */
export function FormPart({ title, hint, level = 3, children }: { title: string; hint?: ReactNode; level?: 2 | 3; children: ReactNode }) {
  const id = useId()
  const Heading = `h${level}` as const
  return (
    <section className="mf-part" aria-labelledby={id}>
      <header>
        <Heading id={id}>{title}</Heading>
        {hint && <p className="mf-hint">{hint}</p>}
      </header>
      <div className="mf-fields">{children}</div>
    </section>
  )
}
