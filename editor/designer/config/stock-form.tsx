/** The form that a node's module brings, with the head and the foot of ours. */
import { Button } from '@mantine/core'
import { useRef } from 'react'
import type { FlowNode } from '../model/raw.ts'
import { labelOf } from '../model/scene.ts'
import { StockDialog, type StockDialogHandle } from '../stock/index.ts'
import { useDesignerText } from '../text.ts'
import { useWorkspace } from '../use-workspace.ts'
import { FormHead } from './form-head.tsx'
import { useConfigText } from './text.ts'

export function StockForm({
  node,
  hasBack,
  onLeave,
  onPlain,
}: {
  node: FlowNode
  hasBack: boolean
  onLeave: () => void
  /** Shows the stored properties instead. */
  onPlain: () => void
}) {
  const text = useDesignerText()
  const more = useConfigText()
  const { types } = useWorkspace('model', 'types')
  const handle = useRef<StockDialogHandle>(null)
  const type = types.get(node.type)
  const label = labelOf(node, type)
  const saveThen = (next: () => void) => {
    if (handle.current) void handle.current.save().then(next)
    else next()
  }
  const save = () => saveThen(onLeave)
  const cancel = () => {
    if (handle.current) void handle.current.cancel().then(onLeave)
    else onLeave()
  }
  return (
    <section
      className="panel"
      data-form
      aria-label={text.config.label(label)}
      data-testid="config"
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
          event.preventDefault()
          event.stopPropagation()
          save()
        }
        if (event.key === 'Escape' && !event.defaultPrevented) {
          event.stopPropagation()
          cancel()
        }
      }}
    >
      <FormHead node={node} type={type} label={label} hasBack={hasBack} onDone={save} />
      <StockDialog ref={handle} nodeId={node.id} onEnd={onLeave} fallback={<Button onClick={onPlain}>{more.stock.plain}</Button>} />
      <footer className="panel-foot">
        <Button variant="subtle" color="gray" className="config-plain" onClick={() => saveThen(onPlain)} data-testid="config-plain">
          {more.stock.plain}
        </Button>
        <Button variant="default" onClick={cancel} data-testid="config-discard">
          {text.config.cancel}
        </Button>
        <Button onClick={save} data-testid="config-done">
          {text.config.done}
        </Button>
      </footer>
    </section>
  )
}
