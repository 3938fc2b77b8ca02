/** A JSONata expression with what it gives for the last real message, as one types. */
import { type ReactNode, useEffect, useMemo, useState } from 'react'
import { formats } from '../../../shared/text/index.ts'
import { parentOf } from '../../model/raw.ts'
import { CodeEditor } from '../code/code-editor.tsx'
import { asJsonata } from '../sample/message-paths.ts'
import { useEditedNode } from '../sample/use-sample.ts'
import { useConfigText } from '../text.ts'
import { evaluate } from './evaluator.ts'
import type { Evaluated } from './messages.ts'

export interface ExpressionInputProps {
  value: string
  onChange: (value: string) => void
  label: string
  description?: string | undefined
  error?: string | undefined
  withAsterisk?: boolean
  leftSection?: ReactNode
  'data-testid': string
}

const WAIT_MS = 200

export function ExpressionInput({ error, ...props }: ExpressionInputProps) {
  const text = useConfigText().expression
  const { node, sample, paths, environment, secrets } = useEditedNode()
  const place = node && parentOf(node)
  const [evaluated, setEvaluated] = useState<Evaluated>()
  const message = sample?.msg
  useEffect(() => {
    let isGone = false
    if (props.value.trim() === '') {
      setEvaluated(undefined)
      return
    }
    const timer = setTimeout(() => {
      void evaluate({ expression: props.value, message, environment, secrets }, place).then((answer) => isGone || setEvaluated(answer))
    }, WAIT_MS)
    return () => {
      isGone = true
      clearTimeout(timer)
    }
  }, [props.value, message, environment, secrets, place])
  const expressionPaths = useMemo(() => paths.map(({ path, preview }) => ({ path: asJsonata(path), preview })), [paths])
  const isWrong = evaluated?.is === 'wrong' && evaluated.isSyntax
  const mark = useMemo(
    () => (evaluated?.is === 'wrong' && evaluated.at !== undefined ? { at: Math.max(0, evaluated.at - 1), message: evaluated.message } : undefined),
    [evaluated],
  )
  return (
    <CodeEditor
      {...props}
      language="jsonata"
      minRows={2}
      paths={expressionPaths}
      mark={mark}
      error={error ?? (isWrong ? evaluated.message : undefined)}
      below={
        evaluated &&
        !isWrong && (
          <div
            className="preview"
            data-state={evaluated.is === 'wrong' || evaluated.is === 'endless' ? 'wrong' : 'good'}
            aria-live="polite"
            data-testid={`${props['data-testid']}-preview`}
          >
            <span className="preview-title">{sample ? text.gives(formats().time(sample.at)) : text.noMessage}</span>
            {evaluated.is !== 'compiled' && <pre className="preview-value">{wordsOf(evaluated, text)}</pre>}
          </div>
        )
      }
    />
  )
}

function wordsOf(evaluated: Evaluated, text: ReturnType<typeof useConfigText>['expression']): string {
  switch (evaluated.is) {
    case 'compiled':
      return ''
    case 'result':
      return evaluated.text ?? text.nothing
    case 'no-context':
      return evaluated.isHidden ? text.contextHidden(evaluated.name) : text.contextAway(evaluated.name)
    case 'wrong':
      return evaluated.message
    case 'endless':
      return text.endless
    default:
      return evaluated satisfies never
  }
}
