/** How a node looks: its label, its icon, the names of its ports; of a subflow also colour and palette category. */
import './object.css'
import { Autocomplete, Button, ColorInput, Popover, Switch, TextInput } from '@mantine/core'
import { ChevronDown } from 'lucide-react'
import { useState } from 'react'
import { TypeIcon } from '../../canvas/icons.tsx'
import type { FlowNode } from '../../model/raw.ts'
import { kindOf, subflowPorts } from '../../model/raw.ts'
import { sceneNode } from '../../model/scene.ts'
import { useDesignerText } from '../../text.ts'
import { useWorkspace } from '../../use-workspace.ts'
import { useConfigText } from '../text.ts'
import { NODE_ICONS, spriteOf } from './node-icons.ts'

export interface AppearanceProps {
  node: FlowNode
  values: Readonly<Record<string, unknown>>
  onChange: (changes: Record<string, unknown>) => void
}

// Node-RED's own choice for subflows (@node-red/editor-client, ui/editors/colorPicker.js), as hex
const SWATCHES = ['#DDAA99', '#E2D96E', '#A6BBCF', '#C0DEED', '#87A980', '#FDD0A2', '#C7E9C0', '#DEB887', '#D8BFD8', '#DDDDDD', '#E9967A', '#FFAAAA']

export function Appearance({ node, values, onChange }: AppearanceProps) {
  const text = useConfigText().appearance
  const { model, types } = useWorkspace('model', 'types')
  const isDefinition = kindOf(node) === 'subflow'
  const { inputs, outputs } = isDefinition
    ? { inputs: subflowPorts(node, 'in').length, outputs: subflowPorts(node, 'out').length }
    : sceneNode(model, { ...node, ...values } as FlowNode, types, () => 0)
  const type = types.get(node.type)
  const inputLabels = strings(values.inputLabels)
  const outputLabels = strings(values.outputLabels)
  const setLabel = (property: 'inputLabels' | 'outputLabels', index: number, label: string) => {
    const next = [...strings(values[property])]
    while (next.length <= index) next.push('')
    next[index] = label
    while (next.at(-1) === '') next.pop()
    // Node-RED leaves the property out where nothing is named
    onChange({ [property]: next.length > 0 ? next : node[property] === undefined ? undefined : [] })
  }
  const families = [...new Set([...types.values()].filter(({ isConfig }) => !isConfig).map(({ family }) => family))]
  return (
    <>
      {!isDefinition && (
        <Switch
          label={text.label}
          description={text.labelHint}
          checked={values.l === undefined ? !/^link (in|out)$/.test(node.type) : values.l !== false}
          onChange={(event) => onChange({ l: event.currentTarget.checked })}
          data-testid="field-show-label"
        />
      )}
      <IconInput
        value={values.icon}
        type={node.type}
        family={type?.family ?? (isDefinition ? 'subflow' : 'other')}
        usual={type?.icon}
        onChange={(icon) => onChange({ icon })}
      />
      {isDefinition && (
        <>
          <ColorInput
            label={text.color}
            format="hex"
            swatches={SWATCHES}
            swatchesPerRow={6}
            withEyeDropper={false}
            value={typeof values.color === 'string' ? values.color : ''}
            onChange={(color) => onChange({ color })}
            popoverProps={{ withinPortal: true }}
            data-testid="field-color"
          />
          <Autocomplete
            label={text.category}
            description={text.categoryHint}
            data={families}
            value={typeof values.category === 'string' ? values.category : ''}
            onChange={(category) => onChange({ category })}
            data-testid="field-category"
          />
        </>
      )}
      {inputs + outputs === 0 ? (
        <p className="form-help">{text.noPorts}</p>
      ) : (
        <>
          <p className="form-help">{text.portsHint}</p>
          {inputs > 0 && (
            <TextInput
              label={text.inputLabel}
              value={inputLabels[0] ?? ''}
              onChange={(event) => setLabel('inputLabels', 0, event.currentTarget.value)}
              data-testid="field-input-label"
            />
          )}
          {Array.from({ length: outputs }, (_, index) => (
            <TextInput
              // biome-ignore lint/suspicious/noArrayIndexKey: an output is its number
              key={index}
              label={text.outputLabel(index + 1)}
              placeholder={type?.outputLabels[index]}
              value={outputLabels[index] ?? ''}
              onChange={(event) => setLabel('outputLabels', index, event.currentTarget.value)}
              data-testid={`field-output-label-${index + 1}`}
            />
          ))}
        </>
      )}
    </>
  )
}

const strings = (value: unknown): string[] => (Array.isArray(value) ? value.map((item) => (typeof item === 'string' ? item : '')) : [])

function IconInput({
  value,
  type,
  family,
  usual,
  onChange,
}: {
  value: unknown
  type: string
  family: string
  usual: string | undefined
  onChange: (icon: string | undefined) => void
}) {
  const text = useConfigText().appearance
  const clear = useDesignerText().palette.clear
  const [isOpen, setOpen] = useState(false)
  const [search, setSearch] = useState('')
  const sprite = spriteOf(value)
  const name = typeof value === 'string' && value !== '' ? value : undefined
  const shownName = name === undefined ? text.iconUsual : sprite ? words(name) : text.iconOther(name)
  const choose = (icon: string | undefined) => {
    onChange(icon)
    setOpen(false)
  }
  const shown = NODE_ICONS.filter((icon) => `${icon.sprite} ${icon.name}`.includes(search.trim().toLowerCase()))
  return (
    <div className="icon-input">
      <span className="form-label">{text.icon}</span>
      <Popover opened={isOpen} onChange={setOpen} position="bottom-start" trapFocus withinPortal shadow="md">
        <Popover.Target>
          <Button
            variant="default"
            justify="space-between"
            leftSection={<TypeIcon {...(sprite ? { type: '', family: '', icon: sprite } : { type, family, icon: usual })} size={18} />}
            rightSection={<ChevronDown size={14} aria-hidden />}
            onClick={() => setOpen(!isOpen)}
            aria-label={`${text.icon}: ${shownName}`}
            aria-haspopup="dialog"
            data-testid="field-icon"
          >
            {shownName}
          </Button>
        </Popover.Target>
        <Popover.Dropdown
          className="icon-choices"
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return
            event.stopPropagation()
            setOpen(false)
          }}
        >
          <TextInput
            placeholder={text.iconSearch}
            aria-label={text.iconSearch}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            data-autofocus
          />
          <div className="icon-grid">
            <button type="button" onClick={() => choose(undefined)} aria-pressed={name === undefined} title={text.iconUsual}>
              <TypeIcon type={type} family={family} icon={usual} size={20} />
              <span className="only-read">{text.iconUsual}</span>
            </button>
            {shown.map((icon) => (
              <button
                key={icon.name}
                type="button"
                onClick={() => choose(icon.name)}
                aria-pressed={name === icon.name}
                title={words(icon.name)}
                data-testid={`icon-${icon.sprite}`}
              >
                <TypeIcon type="" family="" icon={icon.sprite} size={20} />
                <span className="only-read">{words(icon.name)}</span>
              </button>
            ))}
          </div>
          {shown.length === 0 && (
            <Button variant="subtle" size="compact-sm" onClick={() => setSearch('')}>
              {clear}
            </Button>
          )}
        </Popover.Dropdown>
      </Popover>
    </div>
  )
}

/** `font-awesome/fa-file-code-o` → `file code`. */
const words = (name: string): string =>
  name
    .replace(/^.*\/(fa-)?/, '')
    .replace(/-o$/, '')
    .replaceAll('-', ' ')
