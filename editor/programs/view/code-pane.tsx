/** The lines of a program, of any number: the chosen one in step with the picture, what was found marked beside the numbers. */
import { CircleAlert, Info, TriangleAlert } from 'lucide-react'
import { type KeyboardEvent, memo, useCallback, useEffect, useMemo, useRef } from 'react'
import type { ProgramFinding } from '../../../server/api/motion.ts'
import { VirtualLines, type VirtualLinesHandle } from '../../shared/virtual-lines.tsx'
import { useProgramsText } from '../use-programs-text.ts'
import { type LineStore, useLines } from '../worker/use-program.ts'
import { paint } from './paint.ts'

const ROW = 22
const ICONS = { error: CircleAlert, warning: TriangleAlert, note: Info }
const RANK = { error: 2, warning: 1, note: 0 }

export interface CodePaneProps {
  lines: LineStore
  count: number
  line: number
  findings: readonly ProgramFinding[]
  /** Where the machine is in this program, when it runs there. */
  machineLine: number | undefined
  onChoose: (line: number) => void
}

export const CodePane = memo(function CodePane({ lines, count, line, findings, machineLine, onChoose }: CodePaneProps) {
  const text = useProgramsText().code
  const store = useLines(lines)
  const list = useRef<VirtualLinesHandle>(null)
  const want = useCallback((first: number, last: number) => store.want(first + 1, last), [store])
  const worst = useMemo(() => {
    const byLine = new Map<number, ProgramFinding>()
    for (const finding of findings) {
      const known = byLine.get(finding.line)
      if (!known || RANK[finding.severity] > RANK[known.severity]) byLine.set(finding.line, finding)
    }
    return byLine
  }, [findings])
  useEffect(() => {
    if (line > 0) list.current?.show(line - 1)
  }, [line])
  const keys = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 }
    const step = steps[event.key]
    if (step === undefined) return
    event.preventDefault()
    onChoose(Math.max(1, Math.min(count, line + step)))
  }
  const digits = String(count).length
  return (
    <VirtualLines
      ref={list}
      className="code-pane"
      count={count}
      rowHeight={ROW}
      label={text.label}
      onSight={want}
      onKeyDown={keys}
      testId="code"
      row={(index) => {
        const number = index + 1
        const finding = worst.get(number)
        const Icon = finding && ICONS[finding.severity]
        const words = store.line(number)
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the arrow keys choose lines, above
          // biome-ignore lint/a11y/noStaticElementInteractions: a million buttons would help nobody
          <div
            key={number}
            className="code-row"
            data-chosen={number === line || undefined}
            data-machine={number === machineLine || undefined}
            data-severity={finding?.severity}
            data-testid={number === line ? 'code-chosen' : undefined}
            onClick={() => onChoose(number)}
          >
            <span className="code-number" style={{ width: `${digits + 1}ch` }}>
              {number}
            </span>
            <span className="code-mark" title={finding?.text}>
              {Icon && <Icon size={14} role="img" aria-label={finding.text} />}
            </span>
            <span className="code-text">
              {words === undefined
                ? ' '
                : paint(words).map(([kind, part, at]) => (
                    <span key={at} data-word={kind}>
                      {part}
                    </span>
                  ))}
            </span>
          </div>
        )
      }}
    />
  )
})
