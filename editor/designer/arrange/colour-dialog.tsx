/** The colour of groups. Node-RED's own properties hold it, so it looks alike there. */
import { Modal } from '@mantine/core'
import { Ban } from 'lucide-react'
import { useCommonText } from '../../shared/theme.tsx'
import { useHost } from '../host/use-host.ts'
import { styleGroups, styleOf } from '../model/groups.ts'
import { useArrangeText } from './text.ts'

/** Kept in the flow file: values, not the page's own colours. Thin enough to be read on light and dark. */
const COLOURS = {
  grey: '#8c96a0',
  blue: '#4a8fd0',
  teal: '#2f9e9e',
  green: '#5a9e4b',
  yellow: '#c9a227',
  orange: '#d1813c',
  red: '#c9605c',
  violet: '#8a72c4',
} as const
const OPACITY = '0.18'

export function ColourDialog({ groups, onClose }: { groups: readonly string[]; onClose: () => void }) {
  const text = useArrangeText().colour
  const common = useCommonText()
  const { workspace } = useHost()
  const first = workspace.model.get(groups[0] ?? '')
  const fill = first && styleOf(first).fill
  const choose = (colour: string | undefined) => {
    styleGroups(workspace.model, groups, colour === undefined ? { fill: 'none', stroke: '#999999' } : { fill: colour, 'fill-opacity': OPACITY, stroke: colour })
    onClose()
  }
  return (
    <Modal opened onClose={onClose} title={text.title} size="sm" closeButtonProps={{ 'aria-label': common.close }}>
      <div className="arrange-colours" data-testid="group-colours">
        <button type="button" className="arrange-colour" aria-pressed={fill === undefined || fill === 'none'} onClick={() => choose(undefined)}>
          <span className="arrange-swatch">
            <Ban size={16} aria-hidden />
          </span>
          {text.none}
        </button>
        {(Object.keys(COLOURS) as (keyof typeof COLOURS)[]).map((name) => (
          <button key={name} type="button" className="arrange-colour" aria-pressed={fill === COLOURS[name]} onClick={() => choose(COLOURS[name])}>
            <span className="arrange-swatch" style={{ background: COLOURS[name] }} />
            {text.names[name]}
          </button>
        ))}
      </div>
    </Modal>
  )
}
