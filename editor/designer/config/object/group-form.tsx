/** How a group looks: outline, fill, where its name stands (Node-RED's `style`; @node-red/editor-client, ui/group.js). */
import './object.css'
import { ColorInput, Select, Slider, Switch } from '@mantine/core'
import type { FlowNode } from '../../model/raw.ts'
import { useConfigText } from '../text.ts'

type Style = Readonly<Record<string, unknown>>
const styleIn = (values: Readonly<Record<string, unknown>>): Style => (typeof values.style === 'object' && values.style !== null ? (values.style as Style) : {})

// muted, so that nodes stand out before them
const SWATCHES = ['#ffCF3f', '#ffefbf', '#a4a4a4', '#d1d1d1', '#6f2fa0', '#bfbfef', '#0070c0', '#bfdbef', '#92d04f', '#e3f3d3', '#ff7f7f', '#ffdfdf']
const POSITIONS = ['nw', 'n', 'ne', 'sw', 's', 'se'] as const

export function GroupForm({
  node,
  values,
  onChange,
}: {
  node: FlowNode
  values: Readonly<Record<string, unknown>>
  onChange: (changes: Record<string, unknown>) => void
}) {
  const text = useConfigText().group
  const style = styleIn(values)
  const set = (changes: Record<string, unknown>) => {
    const next = Object.fromEntries(Object.entries({ ...style, ...changes }).filter(([, value]) => value !== undefined))
    onChange({ style: next })
  }
  const colour = (property: 'stroke' | 'fill' | 'color') => ({
    format: 'hex' as const,
    swatches: SWATCHES,
    swatchesPerRow: 6,
    withEyeDropper: false,
    popoverProps: { withinPortal: true },
    value: typeof style[property] === 'string' && style[property] !== 'none' ? String(style[property]) : '',
    placeholder: text.none,
    onChange: (next: string) => set({ [property]: next === '' ? undefined : next }),
    'data-testid': `field-${property}`,
  })
  const strength = (property: 'stroke-opacity' | 'fill-opacity') => ({
    min: 0,
    max: 1,
    step: 0.05,
    value: Number(style[property] ?? (property === 'fill-opacity' ? 0.5 : 1)),
    onChange: (next: number) => set({ [property]: String(next) }),
  })
  const members = Array.isArray(node.nodes) ? node.nodes.length : 0
  return (
    <fieldset className="form-part">
      <legend>{text.style}</legend>
      <ColorInput label={text.stroke} {...colour('stroke')} />
      {typeof style.stroke === 'string' && style.stroke !== 'none' && <Strength title={text.strokeOpacity} {...strength('stroke-opacity')} />}
      <ColorInput label={text.fill} {...colour('fill')} />
      {typeof style.fill === 'string' && style.fill !== 'none' && <Strength title={text.fillOpacity} {...strength('fill-opacity')} />}
      <Switch
        label={text.label}
        checked={style.label !== false}
        onChange={(event) => set({ label: event.currentTarget.checked })}
        data-testid="field-group-label"
      />
      {style.label !== false && (
        <>
          <Select
            label={text.position}
            data={POSITIONS.map((value) => ({ value, label: text.positions[value] }))}
            value={POSITIONS.find((position) => position === style['label-position']) ?? 'nw'}
            allowDeselect={false}
            onChange={(next) => set({ 'label-position': next ?? 'nw' })}
            data-testid="field-label-position"
          />
          <ColorInput label={text.color} {...colour('color')} />
        </>
      )}
      <p className="form-help">{text.members(members)}</p>
    </fieldset>
  )
}

function Strength({ title, ...slider }: { title: string; min: number; max: number; step: number; value: number; onChange: (value: number) => void }) {
  return (
    <div>
      <span className="form-label">{title}</span>
      <Slider {...slider} label={(value) => `${Math.round(value * 100)} %`} thumbLabel={title} />
    </div>
  )
}
