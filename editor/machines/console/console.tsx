/** The console of a machine for engineers: the talk with its controller, and one line at a time from a person. */
import { Button, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { ArrowDownToLine, Check, Copy, CornerDownLeft, Pause, Play, Search } from 'lucide-react'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { MachineView } from '../../../server/api/machines.ts'
import { actOnMachine, getTraffic, type TrafficLine } from '../../../server/api/motion.ts'
import { call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { VirtualLines, type VirtualLinesHandle } from '../../shared/virtual-lines.tsx'
import { useMachinesText } from '../use-machines-text.ts'
import { completed, completionsOf, wordsIn } from './completion.ts'
import { readHistory, withLine } from './input-history.ts'
import { DIRECTIONS, type Direction, filterTraffic, KEPT_LINES, textOf, withPage } from './traffic.ts'

const POLL_MS = 333
const ROW = 22

export interface ConsoleProps {
  machine: MachineView
  isStale: boolean
  mayOperate: boolean
}

export function Console({ machine, isStale, mayOperate }: ConsoleProps) {
  const text = useMachinesText().console
  const { lines, problem } = useTraffic(machine.id, machine.guard)
  const [paused, setPaused] = useState<readonly TrafficLine[]>()
  const [shown, setShown] = useState<ReadonlySet<Direction>>(new Set(DIRECTIONS))
  const [wanted, setWanted] = useState('')
  const [isAtEnd, setAtEnd] = useState(true)
  const [isCopied, setCopied] = useState(false)
  const list = useRef<VirtualLinesHandle>(null)
  const source = paused ?? lines
  const listed = useMemo(() => filterTraffic(source, { shown, text: wanted }), [source, shown, wanted])
  const count = listed.length
  const follows = useRef(true)
  follows.current = isAtEnd && !paused
  // biome-ignore lint/correctness/useExhaustiveDependencies: a longer list is what makes it scroll
  useEffect(() => {
    if (follows.current) list.current?.showEnd()
  }, [count, listed])
  const copy = () =>
    copyText(textOf(listed)).then(
      () => {
        setCopied(true)
        setTimeout(() => setCopied(false), 1_500)
      },
      (error: Error) => notifications.show({ color: 'red', message: error.message }),
    )
  return (
    <div className="console" data-testid="console">
      <header className="console-head">
        <fieldset className="console-filter">
          <legend className="mf-hidden">{text.filter}</legend>
          {DIRECTIONS.map((direction) => (
            <label key={direction} data-on={shown.has(direction) || undefined} data-direction={direction}>
              <input
                type="checkbox"
                checked={shown.has(direction)}
                onChange={() => setShown((was) => new Set(was.has(direction) ? [...was].filter((one) => one !== direction) : [...was, direction]))}
              />
              {text.directions[direction]}
            </label>
          ))}
        </fieldset>
        <TextInput
          aria-label={text.search}
          placeholder={text.search}
          leftSection={<Search size={16} aria-hidden />}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
        <Button
          variant="default"
          leftSection={paused ? <Play size={16} aria-hidden /> : <Pause size={16} aria-hidden />}
          onClick={() => setPaused(paused ? undefined : lines)}
          aria-pressed={paused !== undefined}
        >
          {paused ? text.goOn(String(Math.max(0, (lines.at(-1)?.seq ?? 0) - (paused.at(-1)?.seq ?? 0)))) : text.pause}
        </Button>
        <Button
          variant="default"
          leftSection={isCopied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
          disabled={count === 0}
          onClick={copy}
        >
          {isCopied ? text.copied : text.copy}
        </Button>
      </header>
      {problem && (
        <p className="mf-problem" role="alert">
          {problem}
        </p>
      )}
      <div className="console-lines">
        <VirtualLines
          ref={list}
          count={count}
          rowHeight={ROW}
          label={text.talk}
          testId="console-lines"
          onEnd={setAtEnd}
          row={(index) => {
            const line = listed[index]
            return line && <Row key={`${line.seq} ${index}`} line={line} />
          }}
        />
        {count === 0 && <p className="console-empty">{source.length ? text.noMatch : text.empty}</p>}
        {!isAtEnd && (
          <Button
            className="console-end"
            size="xs"
            variant="default"
            leftSection={<ArrowDownToLine size={14} aria-hidden />}
            onClick={() => list.current?.showEnd()}
          >
            {text.toEnd}
          </Button>
        )}
      </div>
      {source.length >= KEPT_LINES && <p className="mf-hint">{text.bounded(String(KEPT_LINES))}</p>}
      <CommandLine machine={machine} isStale={isStale} mayOperate={mayOperate} />
    </div>
  )
}

function Row({ line }: { line: TrafficLine }) {
  const text = useMachinesText().console
  const format = formats(useLanguage())
  return (
    <div className="console-row" data-direction={line.direction} data-bad={/^(error|ALARM)/i.test(line.text) || undefined}>
      <time dateTime={line.at}>{format.timeMs(line.at)}</time>
      <span className="console-mark" title={text.directions[line.direction]}>
        {text.marks[line.direction]}
      </span>
      <span className="console-text">{line.text}</span>
      {line.by && <span className="console-by">{line.by}</span>}
    </div>
  )
}

/** Asks for the talk some three times a second while the page is in sight. */
function useTraffic(machineId: string, guard: MachineView['guard']): { lines: readonly TrafficLine[]; problem: string | undefined } {
  const [lines, setLines] = useState<readonly TrafficLine[]>([])
  const [problem, setProblem] = useState<string>()
  const known = useRef(lines)
  known.current = lines
  /** A guard that was started anew counts from the beginning: then everything it has is asked for. */
  const isAnew = useRef(false)
  if (guard !== 'running') isAnew.current = true
  useEffect(() => {
    let isGone = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async () => {
      if (!document.hidden) {
        try {
          const after = isAnew.current ? 0 : (known.current.at(-1)?.seq ?? 0)
          const page = await call(getTraffic, { params: { machineId }, query: { after } })
          if (isGone) return
          isAnew.current = false
          setLines((was) => withPage(was, page))
          setProblem(undefined)
        } catch (error) {
          if (!isGone) setProblem(error instanceof Error ? error.message : String(error))
        }
      }
      if (!isGone) timer = setTimeout(ask, POLL_MS)
    }
    void ask()
    return () => {
      isGone = true
      clearTimeout(timer)
    }
  }, [machineId])
  return { lines, problem }
}

type Sent = { line: string; state: 'sending' } | { line: string; state: 'done'; words: string } | { line: string; state: 'failed'; words: string }

function CommandLine({ machine, isStale, mayOperate }: ConsoleProps) {
  const text = useMachinesText().console
  const [line, setLine] = useState('')
  const [sent, setSent] = useState<Sent>()
  const [history, setHistory] = useState(readHistory)
  /** Where in the history one is; its length: at the line being typed. */
  const [at, setAt] = useState(history.length)
  const [isHiding, setHiding] = useState(false)
  const typed = useRef('')
  const input = useRef<HTMLInputElement>(null)
  const completions = isHiding || at < history.length ? [] : completionsOf(line)
  const meanings = wordsIn(line).map((word) => `${word} ${text.codes[word]}`)
  const change = (to: string) => {
    setLine(to)
    setAt(history.length)
    setHiding(false)
  }
  const go = (to: number) => {
    if (to < 0 || to > history.length) return
    if (at === history.length) typed.current = line
    setAt(to)
    setLine(to === history.length ? typed.current : (history[to] ?? ''))
  }
  const send = useCallback(
    async (raw: string) => {
      const one = raw.trim()
      if (one === '') return
      setSent({ line: one, state: 'sending' })
      const lines = withLine(history, one)
      setHistory(lines)
      setAt(lines.length)
      setLine('')
      try {
        const result = await call(actOnMachine, { params: { machineId: machine.id }, body: { action: { kind: 'line', line: one } } })
        setSent({ line: one, state: 'done', words: result.answer && result.answer !== 'ok' ? result.answer : result.text })
      } catch (error) {
        setSent({ line: one, state: 'failed', words: error instanceof Error ? error.message : String(error) })
        // what was refused stands in the line again, to be corrected
        setLine((now) => (now === '' ? one : now))
      }
      input.current?.focus()
    },
    [history, machine.id],
  )
  return (
    <div className="console-input">
      {sent && (
        <p className="console-answer" data-state={sent.state} role={sent.state === 'failed' ? 'alert' : 'status'} data-testid="console-answer">
          <code>{sent.line}</code>
          <span>{sent.state === 'sending' ? text.sending : sent.words}</span>
        </p>
      )}
      {completions.length > 0 && (
        <ul className="console-completions" aria-label={text.completions}>
          {completions.map((word, index) => (
            <li key={word}>
              <button
                type="button"
                tabIndex={-1}
                onClick={() => {
                  change(completed(line, word))
                  input.current?.focus()
                }}
              >
                <code>{word}</code> {text.codes[word]} {index === 0 && <kbd>Tab</kbd>}
              </button>
            </li>
          ))}
        </ul>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void send(line)
        }}
      >
        <TextInput
          ref={input}
          aria-label={text.input}
          placeholder={mayOperate ? text.placeholder : text.notAllowed}
          description={meanings.length ? meanings.join(' · ') : text.inputHint}
          inputWrapperOrder={['input', 'description']}
          value={line}
          disabled={!mayOperate}
          maxLength={256}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          classNames={{ input: 'console-command' }}
          data-testid="console-input"
          onChange={(event) => change(event.currentTarget.value)}
          onKeyDown={(event) => {
            const [first] = completions
            if (event.key === 'Tab' && !event.shiftKey && first) {
              event.preventDefault()
              change(completed(line, first))
            } else if (event.key === 'ArrowUp') {
              event.preventDefault()
              go(at - 1)
            } else if (event.key === 'ArrowDown') {
              event.preventDefault()
              go(at + 1)
            } else if (event.key === 'Escape') setHiding(true)
          }}
        />
        <Button
          type="submit"
          disabled={!mayOperate || line.trim() === '' || isStale || sent?.state === 'sending'}
          leftSection={<CornerDownLeft size={16} aria-hidden />}
          data-testid="console-send"
        >
          {text.send}
        </Button>
      </form>
    </div>
  )
}

/** `navigator.clipboard` exists on secure pages only, and a shop's page may not be one. */
async function copyText(words: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(words)
  const area = document.createElement('textarea')
  area.value = words
  document.body.append(area)
  area.select()
  const isDone = document.execCommand('copy')
  area.remove()
  if (!isDone) throw new Error('The browser does not allow copying here.')
}
