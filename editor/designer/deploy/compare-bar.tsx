/** Over the canvas while something is compared: what with what, how many differences, and the way from one to the next. */
import { ActionIcon, Button, Select } from '@mantine/core'
import { ChevronDown, ChevronUp, List, X } from 'lucide-react'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { createPortal } from 'react-dom'
import { useCanvas } from '../host/use-canvas.ts'
import { useHost } from '../host/use-host.ts'
import { useSession } from '../use-session.ts'
import type { Workspace } from '../workspace.ts'
import { showDifferences } from './compare-layer.ts'
import { ComparePicture } from './compare-picture.tsx'
import { CompareSides } from './compare-sides.tsx'
import type { Comparison } from './comparison.ts'
import { DIFF_SIGNS, DiffList } from './diff-list.tsx'
import { useDeployText } from './text.ts'
import { titleOf } from './title-of.ts'

/** Below this a side panel lies over the canvas (designer.css). */
const NARROW_PX = 900
const KINDS = ['added', 'changed', 'moved', 'removed'] as const

export function useComparison(): Comparison {
  const { comparison } = useSession()
  useSyncExternalStore(comparison.watch, () => comparison.version)
  return comparison
}

export function CompareBar() {
  const words = useDeployText().compare
  const comparison = useComparison()
  const host = useHost()
  const canvas = useCanvas()
  const { against, picture } = comparison
  const isOn = against !== undefined && picture === undefined
  useEffect(() => {
    if (!canvas || !isOn) return
    const ends = showDifferences(canvas, comparison, words.marks)
    const redraw = () => canvas.redrawFaces()
    ends.push(comparison.watch(redraw))
    return () => {
      for (const end of ends) end()
      redraw()
    }
  }, [canvas, comparison, isOn, words])
  // on a small screen the panel would lie over what is compared
  useEffect(() => {
    if (against && innerWidth <= NARROW_PX) host.page?.closeSide()
  }, [against, host])
  if (!against) return null
  const { list } = comparison
  const step = (by: 1 | -1) => {
    const diff = comparison.step(by)
    if (!diff) return
    const { node } = diff
    host.say(words.said(titleOf(node, host.workspace.types), words.marks[diff.kind]))
  }
  return (
    <OverCanvas>
      {picture && <ComparePicture comparison={comparison} picture={picture} />}
      <section className="compare-bar" aria-label={words.legend} data-testid="compare" data-not-canvas>
        <CompareSides comparison={comparison} />
        {picture && <PlaceSelect picture={picture} />}
        <span className="compare-legend">
          {KINDS.map((kind) => {
            const count = list.filter((diff) => diff.kind === kind).length
            return count === 0 ? null : (
              <span key={kind}>
                <span className="diff-mark" data-kind={kind} aria-hidden>
                  {DIFF_SIGNS[kind]}
                </span>
                {count} {words.marks[kind]}
              </span>
            )
          })}
        </span>
        <span className="compare-count" role="status" data-testid="compare-count">
          {words.count(comparison.at, list.length)}
        </span>
        <ActionIcon variant="subtle" color="gray" aria-label={words.previous} title={words.previous} onClick={() => step(-1)} data-testid="compare-previous">
          <ChevronUp size={16} aria-hidden />
        </ActionIcon>
        <ActionIcon variant="subtle" color="gray" aria-label={words.next} title={words.next} onClick={() => step(1)} data-testid="compare-next">
          <ChevronDown size={16} aria-hidden />
        </ActionIcon>
        <Button
          size="compact-sm"
          variant={comparison.isListOpen ? 'light' : 'default'}
          aria-expanded={comparison.isListOpen}
          leftSection={<List size={14} aria-hidden />}
          onClick={() => comparison.showList(!comparison.isListOpen)}
          data-testid="compare-list"
        >
          {words.list}
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<X size={14} aria-hidden />}
          onClick={() => {
            comparison.end()
            host.focus()
          }}
          data-testid="compare-end"
        >
          {words.end}
        </Button>
        {comparison.isListOpen && (
          <section className="compare-list" aria-label={words.list} data-testid="compare-differences">
            <DiffList diff={list} before={comparison.before} after={comparison.after} onShow={(diff) => comparison.show(diff)} />
          </section>
        )}
      </section>
    </OverCanvas>
  )
}

/** The tab or subflow of flows that are only looked at. */
function PlaceSelect({ picture }: { picture: Workspace }) {
  const words = useDeployText().compare
  const [place, setPlace] = useState(picture.place)
  useEffect(() => {
    setPlace(picture.place)
    return picture.on('place', () => setPlace(picture.place))
  }, [picture])
  const places = [...picture.model.tabs(), ...picture.model.export().filter(({ type }) => type === 'subflow')]
  return (
    <Select
      size="xs"
      label={words.place}
      data={places.map((node) => ({ value: node.id, label: titleOf(node, picture.types) }))}
      value={place ?? null}
      onChange={(id) => id !== null && picture.open(id)}
      allowDeselect={false}
      data-testid="compare-place"
    />
  )
}

/** Puts something over the canvas, which another part of the page makes. */
export function OverCanvas({ children }: { children: React.ReactNode }) {
  const [place, setPlace] = useState<Element | null>(null)
  useEffect(() => {
    let frame = 0
    const look = () => {
      const found = document.querySelector('.designer-canvas')
      if (found) setPlace(found)
      else frame = requestAnimationFrame(look)
    }
    look()
    return () => cancelAnimationFrame(frame)
  }, [])
  return place && createPortal(children, place)
}
