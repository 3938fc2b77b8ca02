/** Above what is arranged: for whom it is, the way back and forward, looking at it, and saving. */
import { Check, Eye, type LucideIcon, Monitor, Redo2, Save, Undo2, Users } from 'lucide-react'
import { useArrangeText } from './words.ts'

/** What the bar opens. */
export type BarDialog = 'scope' | 'preview' | 'kiosk' | 'discard' | 'save'

export interface ArrangeBarProps {
  scopeName: string
  /** Where it has no layout of its own: whose is shown. */
  inherits: string | undefined
  /** Nothing to take back, nothing to do again: undefined. */
  onUndo: (() => void) | undefined
  onRedo: (() => void) | undefined
  isChanged: boolean
  onAsk: (dialog: BarDialog) => void
  onLeave: () => void
}

export function ArrangeBar({ scopeName, inherits, onUndo, onRedo, isChanged, onAsk, onLeave }: ArrangeBarProps) {
  const text = useArrangeText()
  return (
    <header>
      <h1 className="op-only-read">{text.bar.label}</h1>
      <div className="op-arrange-bar" role="toolbar" aria-label={text.bar.label}>
        <button type="button" className="op-plain op-arrange-scope" onClick={() => onAsk('scope')} data-testid="arrange-scope">
          <Users size={20} aria-hidden />
          <span>
            <strong>{scopeName}</strong>
            {inherits !== undefined && <small>{inherits}</small>}
          </span>
        </button>
        <ToolButton icon={Undo2} label={text.bar.undo} onPress={onUndo} testId="arrange-undo" />
        <ToolButton icon={Redo2} label={text.bar.redo} onPress={onRedo} testId="arrange-redo" />
        <ToolButton icon={Eye} label={text.bar.preview} onPress={() => onAsk('preview')} testId="arrange-preview" />
        <ToolButton icon={Monitor} label={text.bar.kiosk} onPress={() => onAsk('kiosk')} testId="arrange-kiosk" />
        {isChanged ? (
          <>
            <button type="button" className="op-plain" onClick={() => onAsk('discard')} data-testid="arrange-discard">
              {text.bar.discard}
            </button>
            <button type="button" className="op-main-action" onClick={() => onAsk('save')} data-testid="arrange-save">
              <Save size={22} aria-hidden /> {text.bar.save}
            </button>
          </>
        ) : (
          <button type="button" className="op-main-action" onClick={onLeave} data-testid="arrange-leave">
            <Check size={22} aria-hidden /> {text.bar.leave}
          </button>
        )}
      </div>
    </header>
  )
}

export interface ToolButtonProps {
  icon: LucideIcon
  label: string
  /** Why it cannot be pressed, or else its label. */
  hint?: string
  /** It cannot be pressed: undefined. */
  onPress: (() => void) | undefined
  testId: string
}

/** A picture alone: named, and told by its hint. */
export function ToolButton({ icon: Icon, label, hint = label, onPress, testId }: ToolButtonProps) {
  return (
    <button type="button" className="op-plain" aria-label={label} title={hint} disabled={!onPress} onClick={onPress} data-testid={testId}>
      <Icon size={22} aria-hidden />
    </button>
  )
}
