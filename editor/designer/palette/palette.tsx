/** Every node type that can be put on the canvas: by family, searched, dragged or clicked. */
import { CloseButton, Popover, Skeleton, TextInput } from '@mantine/core'
import { ChevronDown, Lock, Search } from 'lucide-react'
import { useDeferredValue, useMemo, useRef, useState } from 'react'
import type { NodeType } from '../../../server/api/flows.ts'
import { may, useMe } from '../../shared/me.ts'
import { familyOf } from '../canvas/families.ts'
import { TypeIcon } from '../canvas/icons.tsx'
import { HelpText } from '../config/help-text.tsx'
import { subflowPorts, textOf } from '../model/raw.ts'
import { useDesignerText } from '../text.ts'
import { useWorkspace } from '../use-workspace.ts'
import { beginPaletteDrag, type PaletteDragHost } from './drag.ts'
import { familiesOf, searchTypes } from './search.ts'

export interface PaletteProps {
  canvas: () => HTMLElement | null
  host: PaletteDragHost
}

export function Palette({ canvas, host }: PaletteProps) {
  const text = useDesignerText()
  const types = useAllTypes()
  const [query, setQuery] = useState('')
  const asked = useDeferredValue(query.trim())
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const families = useMemo(() => familiesOf(types), [types])
  const found = useMemo(() => (asked ? searchTypes(types, asked) : undefined), [types, asked])
  const entry = (type: NodeType) => <Entry key={type.type} type={type} canvas={canvas} host={host} />
  return (
    <aside className="palette" aria-label={text.palette.label}>
      <div className="palette-search">
        <TextInput
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
          placeholder={text.palette.search}
          aria-label={text.palette.search}
          leftSection={<Search size={16} aria-hidden />}
          rightSection={query && <CloseButton size="sm" aria-label={text.palette.clear} onClick={() => setQuery('')} />}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setQuery('')
            if (event.key === 'Enter' && found?.[0]) host.click(found[0])
          }}
          data-testid="palette-search"
        />
      </div>
      <div className="palette-list">
        {types.length === 0 && Array.from({ length: 8 }, (_, index) => `s${index}`).map((key) => <Skeleton key={key} height={32} radius="sm" />)}
        {found && found.length === 0 && (
          <div className="palette-none">
            <p>{text.palette.none(asked)}</p>
            <p>{text.palette.noneHint}</p>
          </div>
        )}
        {found?.map(entry)}
        {!found &&
          families.map(({ name, types: list }) => {
            const isOpen = !closed.has(name)
            return (
              <section key={name}>
                <button
                  type="button"
                  className="palette-family"
                  aria-expanded={isOpen}
                  onClick={() =>
                    setClosed((before) => (before.has(name) ? new Set([...before].filter((other) => other !== name)) : new Set([...before, name])))
                  }
                >
                  <ChevronDown size={14} aria-hidden />
                  <span className="palette-dot" data-family={familyOf(name)} />
                  {text.palette.families[name] ?? name}
                </button>
                {isOpen && list.map(entry)}
              </section>
            )
          })}
      </div>
    </aside>
  )
}

/** Installed types, and the flows' own subflows as types. */
export function useAllTypes(): NodeType[] {
  const { types, model } = useWorkspace('types', 'model')
  const subflows = model
    .subflows()
    .map(
      (node) =>
        `${node.id}\0${textOf(node, 'name')}\0${subflowPorts(node, 'in').length}\0${subflowPorts(node, 'out').length}\0${textOf(node, 'info').slice(0, 200)}`,
    )
    .join('\u0001')
  return useMemo(() => {
    const made = subflows
      .split('\u0001')
      .filter(Boolean)
      .map((line): NodeType => {
        const [id = '', name = '', inputs = '0', outputs = '0', info = ''] = line.split('\0')
        return {
          type: `subflow:${id}`,
          label: name || 'Subflow',
          family: 'subflows',
          module: '',
          isConfig: false,
          inputs: Number(inputs),
          outputs: Number(outputs),
          outputLabels: [],
          summary: info,
          defaults: {},
          needs: 'flows.deploy',
        }
      })
    return [...types.values(), ...made]
  }, [types, subflows])
}

function Entry({ type, canvas, host }: { type: NodeType } & PaletteProps) {
  const text = useDesignerText()
  const { me } = useMe()
  const element = useRef<HTMLButtonElement>(null)
  const [isHelpOpen, setHelpOpen] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const isLocked = type.needs === 'flows.code' && me !== undefined && !may(me, 'flows.code')
  const later = (isOpen: boolean) => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => setHelpOpen(isOpen), isOpen ? 600 : 100)
  }
  return (
    <Popover
      opened={isHelpOpen}
      onChange={setHelpOpen}
      position="right-start"
      offset={12}
      width={300}
      shadow="md"
      withinPortal
      trapFocus={false}
      returnFocus={false}
    >
      <Popover.Target>
        <button
          ref={element}
          type="button"
          className="palette-entry"
          data-family={familyOf(type.family)}
          data-testid={`palette-${type.type}`}
          aria-label={text.palette.add(type.label)}
          onPointerDown={(event) => {
            later(false)
            if (element.current) beginPaletteDrag(event.nativeEvent, type, element.current, canvas, host)
          }}
          onPointerEnter={(event) => {
            if (event.pointerType === 'mouse') later(true)
          }}
          onPointerLeave={() => later(false)}
          onClick={(event) => {
            // a pointer's click was dealt with at its release; this is the keyboard's
            if (event.detail === 0) host.click(type)
          }}
          draggable={false}
        >
          <span className="palette-entry-icon">
            <TypeIcon type={type.type} family={type.family} icon={type.icon} />
          </span>
          <span className="palette-entry-label">{type.label}</span>
          {isLocked && <Lock size={14} aria-label={text.palette.needsCode} />}
        </button>
      </Popover.Target>
      <Popover.Dropdown className="palette-card">
        <strong>{type.label}</strong>
        {type.summary && <p>{type.summary}</p>}
        <p className="palette-card-facts">
          {text.palette.inputs(type.inputs)}, {text.palette.outputs(type.outputs)}
          {type.outputLabels.length > 0 && `: ${type.outputLabels.join(', ')}`}
        </p>
        {!type.summary && type.helpHtml && <HelpText html={type.helpHtml} />}
        {isLocked && (
          <p className="palette-card-lock">
            <Lock size={14} aria-hidden /> {text.palette.needsCode}
          </p>
        )}
        <p className="palette-card-hint">{text.palette.hint}</p>
      </Popover.Dropdown>
    </Popover>
  )
}
