/** A breakpoint with a condition: JSONata, tried on the last message that came there. */
import { Button, Modal, Textarea } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { BreakpointPlace } from '../../../server/api/debugger.ts'
import { useCommonText } from '../../shared/theme.tsx'
import { useHost } from '../host/use-host.ts'
import type { DebuggerStore } from './debugger-store.ts'
import { placeText } from './places.ts'
import { type DebuggerText, useDebuggerText } from './text.ts'

export function ConditionDialog({ at, store, onClose }: { at: BreakpointPlace; store: DebuggerStore; onClose: () => void }) {
  const text = useDebuggerText()
  const common = useCommonText()
  const { workspace } = useHost()
  const known = store.breakpointAt(at)
  const [source, setSource] = useState(known?.condition ?? '')
  const trial = useTrial(at, source, text)
  const set = async () => {
    if (await store.setBreakpoint(at, { condition: source.trim() || undefined })) onClose()
  }
  return (
    <Modal opened onClose={onClose} title={text.condition.title} closeButtonProps={{ 'aria-label': common.close }}>
      <form
        className="form"
        data-testid="condition"
        onSubmit={(event) => {
          event.preventDefault()
          void set()
        }}
      >
        <p className="form-help">{text.condition.at(placeText(workspace, at, text))}</p>
        <Textarea
          label={text.condition.label}
          description={text.condition.help}
          autosize
          minRows={2}
          maxRows={10}
          data-autofocus
          spellCheck={false}
          value={source}
          classNames={{ input: 'form-code' }}
          onChange={(event) => setSource(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
            event.preventDefault()
            void set()
          }}
          data-testid="condition-source"
        />
        {trial !== undefined && (
          <p className="form-help" role="status" data-testid="condition-trial">
            {trial}
          </p>
        )}
        <div className="debugger-buttons">
          <Button type="submit" data-testid="condition-set">
            {text.condition.set}
          </Button>
          {known && (
            <Button variant="default" onClick={() => void store.removeBreakpoint(known.id).then((isDone) => isDone && onClose())}>
              {text.condition.remove}
            </Button>
          )}
          <Button variant="subtle" color="gray" onClick={onClose}>
            {common.cancel}
          </Button>
        </div>
      </form>
    </Modal>
  )
}

/** What the condition says of the last message, in words. */
function useTrial(at: BreakpointPlace, source: string, text: DebuggerText): string | undefined {
  const { lastMessages } = useHost()
  const [words, setWords] = useState<string>()
  useEffect(() => {
    if (!lastMessages || !source.trim()) {
      setWords(undefined)
      return
    }
    let isOver = false
    const look = async () => {
      const seen = await (at.kind === 'node' ? lastMessages.into(at.nodeId) : lastMessages.from(at.from, at.port))
      if (!seen) return text.condition.noLast
      const { default: jsonata } = await import('jsonata')
      try {
        const expression = jsonata(`$boolean((${source}\n))`)
        // as Node-RED does: an expression that speaks of msg sees the message under that name
        const isOld = /(^|[^a-zA-Z0-9_'".])msg([^a-zA-Z0-9_'"]|$)/.test(source)
        const result: unknown = await expression.evaluate(isOld ? { msg: seen.msg } : seen.msg)
        return `${text.condition.result} ${result === true ? text.condition.wouldHold : text.condition.wouldPass}`
      } catch (error) {
        return `${text.condition.result} ${text.condition.failed((error as { message?: string }).message ?? String(error))}`
      }
    }
    const timer = setTimeout(() => {
      look().then(
        (result) => isOver || setWords(result),
        () => isOver || setWords(undefined),
      )
    }, 250)
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [at, source, text, lastMessages])
  return words
}
