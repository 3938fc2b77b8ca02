/** What a node type does, with a picture of it as it stands on the canvas, messages going through. */
import { Button } from '@mantine/core'
import { FileInput, Lock, Star } from 'lucide-react'
import type { CSSProperties } from 'react'
import type { FlowNode, NodeType } from '../../../server/api/flows.ts'
import { familyOf } from '../canvas/families.ts'
import { TypeIcon } from '../canvas/icons.tsx'
import { HelpText } from '../config/help-text.tsx'
import { useFindText } from '../find/text.ts'
import { useHost } from '../host/use-host.ts'
import { paste } from '../model/clipboard.ts'
import { addTab } from '../model/commands.ts'
import { useDesignerText } from '../text.ts'

export interface HelpCardProps {
  type: NodeType
  isLocked: boolean
  isFavourite: boolean
  onFavourite: () => void
  onDone: () => void
}

export function HelpCard({ type, isLocked, isFavourite, onFavourite, onDone }: HelpCardProps) {
  const text = useDesignerText().palette
  const find = useFindText().nodes
  const host = useHost()
  const example = exampleOf(type)
  const showExample = () => {
    const { workspace } = host
    onDone()
    workspace.model.edit('import', () => {
      const tab = addTab(workspace.model, find.exampleName(type.label))
      // whole tabs would come as tabs of their own: their nodes go on the new one
      const nodes = example.filter((node) => node.type !== 'tab').map((node) => ({ ...node, z: '' }) as FlowNode)
      paste(workspace.model, nodes, { parent: tab, at: { x: 400, y: 200 }, label: 'import' })
      queueMicrotask(() => workspace.open(tab))
    })
    host.focus()
  }
  return (
    <>
      <NodePicture type={type} />
      <div className="palette-card-head">
        <strong>{type.label}</strong>
        <span>{type.module && find.module(type.module)}</span>
      </div>
      {type.summary && <p>{type.summary}</p>}
      <p className="palette-card-facts">
        {text.inputs(type.inputs)}, {text.outputs(type.outputs)}
        {type.outputLabels.length > 0 && `: ${type.outputLabels.join(', ')}`}
      </p>
      {!type.summary && type.helpHtml && <HelpText html={type.helpHtml} />}
      {isLocked && (
        <p className="palette-card-lock">
          <Lock size={14} aria-hidden /> {text.needsCode}
        </p>
      )}
      <div className="palette-card-buttons">
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<Star size={14} aria-hidden fill={isFavourite ? 'currentColor' : 'none'} />}
          aria-pressed={isFavourite}
          onClick={onFavourite}
        >
          {find.favourites}
        </Button>
        {example.length > 0 && (
          <Button size="compact-sm" variant="default" leftSection={<FileInput size={14} aria-hidden />} onClick={showExample}>
            {find.example}
          </Button>
        )}
      </div>
      <p className="palette-card-hint">{text.hint}</p>
    </>
  )
}

function exampleOf(type: NodeType): FlowNode[] {
  return (type.example ?? []).filter(
    (node): node is FlowNode =>
      typeof node === 'object' && node !== null && typeof (node as FlowNode).id === 'string' && typeof (node as FlowNode).type === 'string',
  )
}

/** Height of a row of outputs, in pixels. */
const ROW = 20

function NodePicture({ type }: { type: NodeType }) {
  const find = useFindText().nodes
  const outputs = Array.from({ length: type.outputs }, (_, index) => type.outputLabels[index] ?? '')
  return (
    <div className="picture" role="img" aria-label={find.picture(type.label)} data-family={familyOf(type.family)}>
      {type.inputs > 0 && (
        <span className="picture-wire picture-in">
          <i />
        </span>
      )}
      <span className="picture-node" style={{ minHeight: Math.max(30, outputs.length * ROW) }}>
        <span className="palette-entry-icon">
          <TypeIcon type={type.type} family={type.family} icon={type.icon} />
        </span>
        {type.label}
      </span>
      {outputs.length > 0 && (
        <span className="picture-outs">
          {outputs.map((label, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an output is its place
            <span key={index} className="picture-out">
              <span className="picture-wire" style={{ '--turn': index } as CSSProperties}>
                <i />
              </span>
              {label}
            </span>
          ))}
        </span>
      )}
    </div>
  )
}
