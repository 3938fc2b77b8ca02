/** The picture of a program on the page, with the buttons around it. */
import './path.css'
import { ActionIcon, Tooltip } from '@mantine/core'
import { Maximize, Minus, Plus } from 'lucide-react'
import { type KeyboardEvent, memo, useEffect, useRef, useState } from 'react'
import { useProgramsText } from '../use-programs-text.ts'
import type { DrawnPath } from '../worker/messages.ts'
import { readColors, watchColors } from './colors.ts'
import type { Label, MachineDrawing, Point, View } from './drawing.ts'
import { PathScene } from './path-scene.ts'
import { lineAt, pointAt, segmentsAt } from './place.ts'

const VIEWS: readonly View[] = ['space', 'top', 'front', 'side']

export interface PathPaneProps {
  path: DrawnPath | undefined
  machine: MachineDrawing
  marks: readonly Label[]
  approach: readonly Point[]
  /** How far along the path, in vertices of its finest level. */
  place: number
  /** The chosen line. */
  line: number
  machineTool: Point | undefined
  /** A tool stands at the place, besides the machine's own. @defaultValue true */
  hasPlaceTool?: boolean
  onPick: (line: number) => void
}

export const PathPane = memo(function PathPane({ path, machine, marks, approach, place, line, machineTool, hasPlaceTool = true, onPick }: PathPaneProps) {
  const text = useProgramsText().picture
  const canvas = useRef<HTMLCanvasElement>(null)
  const labels = useRef<HTMLDivElement>(null)
  const [scene, setScene] = useState<PathScene>()
  const [hasFailed, setFailed] = useState(false)
  const [view, setView] = useState<View>('space')
  const picked = useRef(onPick)
  picked.current = onPick

  useEffect(() => {
    if (!canvas.current || !labels.current) return
    let made: PathScene
    try {
      made = new PathScene({ canvas: canvas.current, labels: labels.current, colors: readColors(), onPick: (chosen) => picked.current(chosen) })
    } catch (error) {
      // no WebGL here: the code, the check and the start work without a picture
      console.warn(error)
      setFailed(true)
      return
    }
    setScene(made)
    const box = canvas.current.parentElement as HTMLElement
    const measure = new ResizeObserver(() => made.resize(box.clientWidth, box.clientHeight))
    measure.observe(box)
    const unwatch = watchColors(() => made.setColors(readColors()))
    return () => {
      measure.disconnect()
      unwatch()
      made.dispose()
      setScene(undefined)
    }
  }, [])
  useEffect(() => scene?.setMachine(machine), [scene, machine])
  useEffect(() => scene?.setPath(path), [scene, path])
  useEffect(() => scene?.setMarks(marks), [scene, marks])
  useEffect(() => scene?.setApproach(approach), [scene, approach])
  useEffect(() => scene?.setMachineTool(machineTool), [scene, machineTool])
  useEffect(() => {
    const [level] = path?.levels ?? []
    if (!scene || !level) return
    scene.setDone(place, lineAt(level, place) ?? 0)
    scene.setTool(hasPlaceTool && place > 0 ? pointAt(level, place) : undefined)
  }, [scene, path, place, hasPlaceTool])
  useEffect(() => {
    const [level] = path?.levels ?? []
    scene?.setLine(level && line > 0 ? segmentsAt(level, line) : new Float32Array())
  }, [scene, path, line])

  const keys = (event: KeyboardEvent) => {
    const turns: Record<string, [number, number]> = { ArrowLeft: [-10, 0], ArrowRight: [10, 0], ArrowUp: [0, 10], ArrowDown: [0, -10] }
    const turn = turns[event.key]
    if (turn) scene?.turn(...turn)
    else if (event.key === '+' || event.key === '=') scene?.zoom(1.25)
    else if (event.key === '-') scene?.zoom(0.8)
    else if (event.key === '0') scene?.fit()
    else return
    event.preventDefault()
  }
  const look = (to: View) => {
    setView(to)
    scene?.look(to)
  }
  return (
    <section className="path-pane" aria-label={text.label} data-testid="picture" data-ready={path ? true : undefined}>
      <div className="path-canvas">
        <canvas ref={canvas} tabIndex={0} role="img" aria-label={text.describe} onKeyDown={keys} />
        <div ref={labels} className="path-labels" aria-hidden />
        {hasFailed && <p className="path-missing">{text.noWebGl}</p>}
      </div>
      {!hasFailed && (
        <>
          <div className="path-views">
            {VIEWS.map((one) => (
              <button key={one} type="button" aria-pressed={one === view} onClick={() => look(one)} data-testid={`view-${one}`}>
                {text.views[one]}
              </button>
            ))}
          </div>
          <div className="path-zoom">
            <Tooltip label={text.nearer} position="left">
              <ActionIcon variant="default" size={36} aria-label={text.nearer} onClick={() => scene?.zoom(1.25)}>
                <Plus size={18} />
              </ActionIcon>
            </Tooltip>
            <Tooltip label={text.farther} position="left">
              <ActionIcon variant="default" size={36} aria-label={text.farther} onClick={() => scene?.zoom(0.8)}>
                <Minus size={18} />
              </ActionIcon>
            </Tooltip>
            <Tooltip label={text.fit} position="left">
              <ActionIcon variant="default" size={36} aria-label={text.fit} onClick={() => scene?.fit()} data-testid="fit">
                <Maximize size={18} />
              </ActionIcon>
            </Tooltip>
          </div>
          <ul className="path-legend" aria-label={text.legend}>
            <li data-kind="feed">{text.feed}</li>
            <li data-kind="rapid">{text.rapid}</li>
            {machine.keepOut.length > 0 && <li data-kind="keep-out">{text.keepOut}</li>}
            {machineTool && <li data-kind="machine-tool">{text.machineTool}</li>}
          </ul>
        </>
      )}
    </section>
  )
})
