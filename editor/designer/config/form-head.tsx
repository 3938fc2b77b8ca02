/** The head of a form: what is edited, the way back, the way out. */
import { Button, CloseButton } from '@mantine/core'
import { ChevronLeft } from 'lucide-react'
import type { NodeType } from '../../../server/api/flows.ts'
import { type IconName, TypeIcon } from '../canvas/icons.tsx'
import { type FlowNode, type Kind, kindOf } from '../model/raw.ts'
import { useDesignerText } from '../text.ts'
import { spriteOf } from './object/node-icons.ts'

const OF_KIND: Readonly<Partial<Record<Kind, IconName>>> = { tab: 'workflow', group: 'combine', subflow: 'component' }

export function FormHead({
  node,
  type,
  label,
  hasBack,
  onDone,
}: {
  node: FlowNode
  type: NodeType | undefined
  label: string
  hasBack: boolean
  onDone: () => void
}) {
  const text = useDesignerText()
  const icon = spriteOf(node.icon) ?? OF_KIND[kindOf(node)]
  return (
    <header className="panel-head">
      {hasBack ? (
        <Button variant="subtle" color="gray" size="compact-sm" px={4} onClick={onDone} aria-label={text.config.done}>
          <ChevronLeft size={18} aria-hidden />
        </Button>
      ) : (
        <span className="panel-icon" data-family={type?.family}>
          <TypeIcon {...(icon ? { type: '', family: '', icon } : { type: node.type, family: type?.family ?? 'other', icon: type?.icon })} size={18} />
        </span>
      )}
      <div className="panel-title">
        <h2>{label}</h2>
        <span>{typeWords(node, type, text)}</span>
      </div>
      <CloseButton aria-label={text.config.close} onClick={onDone} />
    </header>
  )
}

function typeWords(node: FlowNode, type: NodeType | undefined, text: ReturnType<typeof useDesignerText>): string {
  switch (kindOf(node)) {
    case 'tab':
      return text.config.tabSettings
    case 'group':
      return text.config.group
    case 'subflow':
      return text.tabs.subflow
    default:
      return type && type.label !== node.type ? `${type.label} · ${node.type}` : node.type
  }
}
