/**
 * The picture of a program in space, with three.js: path, machine, work zero, marks. Draws only when something has changed.
 * No React: `path-pane.tsx` puts it on the page.
 */
import {
  BufferAttribute,
  BufferGeometry,
  Color,
  DoubleSide,
  Group,
  LineBasicMaterial,
  type Material,
  Mesh,
  MeshBasicMaterial,
  OrthographicCamera,
  Points,
  PointsMaterial,
  Scene,
  Vector3,
  WebGLRenderer,
} from 'three'
import { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js'
import { LineMaterial } from 'three/examples/jsm/lines/LineMaterial.js'
import { LineSegments2 } from 'three/examples/jsm/lines/LineSegments2.js'
import { LineSegmentsGeometry } from 'three/examples/jsm/lines/LineSegmentsGeometry.js'
import type { DrawnPath } from '../worker/messages.ts'
import type { PathColors } from './colors.ts'
import type { Label, MachineDrawing, Point, SceneBox, View } from './drawing.ts'
import { Labels } from './labels.ts'
import { PathLines } from './path-lines.ts'
import { nearestLine } from './place.ts'
import { edges, empty, faces, grid, lines, tool } from './shapes.ts'

/** Above so many segments the coarse level is shown while the picture is being turned. */
const HEAVY_SEGMENTS = 400_000
const REST_MS = 180
/** On the screen. */
const TOOL_PX = 26
/** A tap this near to the path means it. */
const PICK_PX = 9
const MOST_LABELS = 60
const MOST_FINDING_LABELS = 8

export interface PathSceneOptions {
  canvas: HTMLCanvasElement
  /** Where labels are put: over the canvas, of its size. */
  labels: HTMLElement
  colors: PathColors
  /** A line was chosen in the picture. */
  onPick: (line: number) => void
}

export class PathScene {
  readonly #renderer: WebGLRenderer
  /** No graphics card: few segments, no smoothing. */
  readonly #isSoftware: boolean
  readonly #scene = new Scene()
  readonly #camera = new OrthographicCamera(-1, 1, 1, -1, -10, 10)
  readonly #controls: OrbitControls
  readonly #labels: Labels
  readonly #onPick: (line: number) => void
  readonly #machine = new Group()
  readonly #marks = new Group()
  readonly #approach = new Group()
  readonly #tool: Mesh
  readonly #machineTool: Mesh
  readonly #lineGeometry = new LineSegmentsGeometry()
  readonly #line: LineSegments2
  readonly #lineMaterial = new LineMaterial({ linewidth: 4 })
  readonly #lines = new PathLines()
  #colors: PathColors
  #path: DrawnPath | undefined
  #drawing: MachineDrawing = { envelope: undefined, keepOut: [], workZero: undefined }
  #fixedLabels: readonly Label[] = []
  #machineLabels: readonly Label[] = []
  #frame: number | undefined
  readonly #samples = new Group()
  #isReady = false
  #isTurning = false
  #rest: ReturnType<typeof setTimeout> | undefined
  #size = { width: 1, height: 1 }
  #pressed: { x: number; y: number } | undefined

  constructor({ canvas, labels, colors, onPick }: PathSceneOptions) {
    this.#isSoftware = isDrawnByProcessor()
    this.#renderer = new WebGLRenderer({ canvas, antialias: !this.#isSoftware, powerPreference: 'high-performance' })
    this.#renderer.debug.checkShaderErrors = false
    this.#labels = new Labels(labels, onPick)
    this.#onPick = onPick
    this.#colors = colors
    this.#camera.up.set(0, 0, 1)
    this.#camera.position.set(-0.5, -1, 0.8)
    this.#controls = new OrbitControls(this.#camera, canvas)
    this.#controls.zoomToCursor = true
    this.#controls.enableDamping = false
    this.#controls.addEventListener('change', () => this.draw())
    this.#controls.addEventListener('start', () => this.#turn(true))
    this.#controls.addEventListener('end', () => this.#turn(false))
    this.#lineMaterial.depthTest = false
    this.#line = new LineSegments2(this.#lineGeometry, this.#lineMaterial)
    this.#line.visible = false
    this.#line.renderOrder = 2
    this.#line.frustumCulled = false
    this.#tool = tool()
    this.#machineTool = tool()
    this.#scene.add(this.#machine, this.#lines.group, this.#marks, this.#approach, this.#line, this.#tool, this.#machineTool)
    canvas.addEventListener('pointerdown', this.#press)
    canvas.addEventListener('pointerup', this.#release)
    this.setColors(colors)
    this.look('space')
    this.#warmUp()
  }

  /**
   * Has every kind of material made ready by the graphics driver before something is drawn with it: waiting for that later
   * would stop the page for a moment.
   */
  #warmUp(): void {
    const nothing = () => new BufferGeometry().setAttribute('position', new BufferAttribute(new Float32Array(6), 3))
    this.#samples.visible = false
    this.#samples.add(
      ...this.#lines.samples(),
      new Mesh(nothing(), new MeshBasicMaterial({ transparent: true, side: DoubleSide, depthWrite: false })),
      new Points(nothing(), new PointsMaterial({ sizeAttenuation: false })),
    )
    this.#scene.add(this.#samples)
    const ready = () => {
      this.#isReady = true
      this.draw()
    }
    if (this.#renderer.extensions.has('KHR_parallel_shader_compile')) this.#renderer.compileAsync(this.#scene, this.#camera).then(ready, ready)
    else ready()
  }

  dispose(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame)
    clearTimeout(this.#rest)
    const canvas = this.#renderer.domElement
    canvas.removeEventListener('pointerdown', this.#press)
    canvas.removeEventListener('pointerup', this.#release)
    this.#controls.dispose()
    this.#lines.dispose()
    for (const group of [this.#machine, this.#marks, this.#approach, this.#samples]) empty(group)
    for (const mesh of [this.#tool, this.#machineTool]) {
      mesh.geometry.dispose()
      ;(mesh.material as Material).dispose()
    }
    this.#lineGeometry.dispose()
    this.#lineMaterial.dispose()
    this.#labels.clear()
    this.#renderer.dispose()
  }

  setColors(colors: PathColors): void {
    this.#colors = colors
    this.#lines.setColors(colors)
    this.#lineMaterial.color.set(colors.line)
    ;(this.#tool.material as MeshBasicMaterial).color.set(colors.tool)
    ;(this.#machineTool.material as MeshBasicMaterial).color.set(colors.machineTool)
    this.#scene.background = new Color(colors.ground)
    this.setMachine(this.#drawing)
    this.draw()
  }

  resize(width: number, height: number): void {
    if (width < 1 || height < 1) return
    const isFirst = this.#size.width <= 1
    this.#size = { width, height }
    this.#renderer.setPixelRatio(this.#isSoftware ? 1 : Math.min(2, devicePixelRatio))
    this.#renderer.setSize(width, height, false)
    this.#lineMaterial.resolution.set(width, height)
    this.#applySize()
    if (isFirst) this.fit()
    this.draw()
  }

  /** The drawing of a program; nothing takes it away. The picture is fitted when there was none before. */
  setPath(path: DrawnPath | undefined): void {
    const isFirst = this.#path === undefined
    this.#path = path
    this.#lines.set(path)
    this.#showLevel()
    if (path && isFirst) this.fit()
    this.draw()
  }

  /** What is done is strong, the rest is pale: up to this many vertices of the finest level, which end in this line. */
  setDone(vertices: number, line: number): void {
    this.#lines.setDone(vertices, line)
    this.draw()
  }

  /** The segments of the chosen line, as pairs of points. */
  setLine(points: Float32Array): void {
    this.#line.visible = points.length > 0
    if (points.length > 0) this.#lineGeometry.setPositions(points)
    this.draw()
  }

  setTool(at: Point | undefined): void {
    this.#put(this.#tool, at)
  }

  /** Where the machine's own tool stands. */
  setMachineTool(at: Point | undefined): void {
    this.#put(this.#machineTool, at)
  }

  setMachine(drawing: MachineDrawing): void {
    this.#drawing = drawing
    empty(this.#machine)
    const { envelope, keepOut, workZero } = drawing
    const colors = this.#colors
    this.#machineLabels = []
    if (envelope) {
      this.#machine.add(grid(envelope, colors.grid), edges(envelope, new LineBasicMaterial({ color: colors.envelope })))
    }
    this.#machineLabels = keepOut.map(({ name, min, max }) => ({ kind: 'machine', text: name, at: [(min[0] + max[0]) / 2, (min[1] + max[1]) / 2, max[2]] }))
    for (const box of keepOut) this.#machine.add(edges(box, new LineBasicMaterial({ color: colors.keepOut })), faces(box, colors.keepOut))
    if (workZero) {
      const [x, y, z] = workZero
      const size = envelope ? Math.min(...([0, 1, 2] as const).map((axis) => envelope.max[axis] - envelope.min[axis])) : this.#reach()
      const long = Math.max(5, size * 0.18)
      const arms: [Label['kind'], string, Point, string][] = [
        ['axis-x', 'X', [x + long, y, z], colors.axisX],
        ['axis-y', 'Y', [x, y + long, z], colors.axisY],
        ['axis-z', 'Z', [x, y, z + long], colors.axisZ],
      ]
      for (const [, , end, color] of arms) this.#machine.add(lines(Float32Array.of(x, y, z, ...end), new LineBasicMaterial({ color, depthTest: false })))
      this.#machineLabels = [...this.#machineLabels, ...arms.map(([kind, text, at]) => ({ kind, text, at }))]
    }
    this.#labels.set([...this.#machineLabels, ...this.#fixedLabels])
    this.draw()
  }

  /** Points for tool changes, stops and findings, and words at the first of them. */
  setMarks(labels: readonly Label[]): void {
    empty(this.#marks)
    for (const [kind, color] of [
      ['mark', this.#colors.tool],
      ['error', this.#colors.error],
      ['warning', this.#colors.warning],
    ] as const) {
      const places = labels.filter((label) => label.kind === kind)
      if (!places.length) continue
      const geometry = new BufferGeometry()
      geometry.setAttribute('position', new BufferAttribute(Float32Array.from(places.flatMap(({ at }) => [...at])), 3))
      const points = new Points(geometry, new PointsMaterial({ color, size: kind === 'error' ? 9 : 6, sizeAttenuation: false, depthTest: false }))
      points.renderOrder = 3
      this.#marks.add(points)
    }
    const words = labels.filter(({ text }) => text !== '')
    // a few are enough to find them; each has its point, too
    this.#fixedLabels = [
      ...words.filter(({ kind }) => kind !== 'mark').slice(0, MOST_FINDING_LABELS),
      ...words.filter(({ kind }) => kind === 'mark').slice(0, MOST_LABELS),
    ]
    this.#labels.set([...this.#machineLabels, ...this.#fixedLabels])
    this.draw()
  }

  /** The way a start in mid-program would take first. */
  setApproach(points: readonly Point[]): void {
    empty(this.#approach)
    if (points.length > 1) {
      const pairs = points.slice(1).flatMap((point, index) => [...(points[index] ?? point), ...point])
      const geometry = new LineSegmentsGeometry()
      geometry.setPositions(pairs)
      const material = new LineMaterial({ color: this.#colors.approach, linewidth: 3, dashed: false })
      material.depthTest = false
      material.resolution.set(this.#size.width, this.#size.height)
      const way = new LineSegments2(geometry, material)
      way.frustumCulled = false
      way.renderOrder = 2
      this.#approach.add(way)
    }
    this.draw()
  }

  look(view: View): void {
    const directions: Record<View, Point> = { space: [-0.55, -1, 0.75], top: [0, -0.0001, 1], front: [0, -1, 0], side: [1, 0, 0] }
    const target = this.#controls.target.clone()
    const away = this.#depth()
    this.#camera.position.copy(target).add(new Vector3(...directions[view]).normalize().multiplyScalar(away))
    this.#camera.lookAt(target)
    this.fit()
  }

  /** Everything that is drawn, into the picture: the path, or without one the machine. */
  fit(): void {
    const box = this.#wholeBox()
    const centre = new Vector3(...([0, 1, 2] as const).map((axis) => (box.min[axis] + box.max[axis]) / 2))
    const direction = this.#camera.position.clone().sub(this.#controls.target).normalize()
    this.#controls.target.copy(centre)
    this.#camera.position.copy(centre).addScaledVector(direction, this.#depth())
    this.#camera.updateMatrixWorld()
    const right = new Vector3()
    const up = new Vector3()
    this.#camera.matrixWorld.extractBasis(right, up, new Vector3())
    let wide = 1
    let high = 1
    for (let corner = 0; corner < 8; corner += 1) {
      const point = new Vector3(box[corner & 1 ? 'max' : 'min'][0], box[corner & 2 ? 'max' : 'min'][1], box[corner & 4 ? 'max' : 'min'][2]).sub(centre)
      wide = Math.max(wide, 2 * Math.abs(point.dot(right)))
      high = Math.max(high, 2 * Math.abs(point.dot(up)))
    }
    const { width, height } = this.#size
    this.#camera.zoom = 0.86 * Math.min(width / wide, height / high)
    this.#applySize()
    this.#controls.update()
    this.draw()
  }

  /** @param factor above 1 comes nearer */
  zoom(factor: number): void {
    this.#camera.zoom *= factor
    this.#camera.updateProjectionMatrix()
    this.draw()
  }

  /** Turns the picture by degrees around the vertical, and tilts it. */
  turn(aroundDeg: number, tiltDeg: number): void {
    const away = this.#camera.position.clone().sub(this.#controls.target)
    const distance = away.length()
    const around = Math.atan2(away.y, away.x) + (aroundDeg * Math.PI) / 180
    const tilt = Math.max(-1.55, Math.min(1.55, Math.asin(away.z / distance) + (tiltDeg * Math.PI) / 180))
    this.#camera.position
      .copy(this.#controls.target)
      .add(new Vector3(Math.cos(around) * Math.cos(tilt), Math.sin(around) * Math.cos(tilt), Math.sin(tilt)).multiplyScalar(distance))
    this.#controls.update()
    this.draw()
  }

  draw(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined
      this.#render()
    })
  }

  #render(): void {
    if (!this.#isReady) return
    const scale = this.#camera.zoom
    this.#lines.setScale(scale)
    const size = TOOL_PX / scale
    for (const mesh of [this.#tool, this.#machineTool]) mesh.scale.setScalar(size)
    this.#renderer.render(this.#scene, this.#camera)
    this.#labels.place(this.#camera, this.#size)
  }

  #turn(isTurning: boolean): void {
    clearTimeout(this.#rest)
    if (isTurning) {
      this.#isTurning = true
      this.#showLevel()
      return
    }
    this.#rest = setTimeout(() => {
      this.#isTurning = false
      this.#showLevel()
      this.draw()
    }, REST_MS)
  }

  #showLevel(): void {
    const isHeavy = (this.#path?.levels[0]?.segments ?? 0) > HEAVY_SEGMENTS
    this.#lines.show(this.#isSoftware || (this.#isTurning && isHeavy))
  }

  #put(mesh: Mesh, at: Point | undefined): void {
    mesh.visible = at !== undefined
    if (at) mesh.position.set(...at)
    this.draw()
  }

  #wholeBox(): SceneBox {
    const boxes = [this.#path?.bounds, this.#path ? undefined : this.#drawing.envelope].filter((box) => box !== undefined)
    if (!boxes.length) return this.#drawing.envelope ?? { min: [-50, -50, -50], max: [50, 50, 50] }
    return boxes[0] as SceneBox
  }

  #reach(): number {
    const { min, max } = this.#wholeBox()
    return Math.max(10, ...([0, 1, 2] as const).map((axis) => max[axis] - min[axis]))
  }

  /** How far the camera stands away: everything lies between it and the far plane. */
  #depth(): number {
    const { envelope } = this.#drawing
    const boxes = [this.#wholeBox(), ...(envelope ? [envelope] : []), ...this.#drawing.keepOut]
    return (
      4 *
      Math.max(
        100,
        ...boxes.flatMap(({ min, max }) => ([0, 1, 2] as const).map((axis) => Math.max(max[axis] - min[axis], Math.abs(max[axis]), Math.abs(min[axis])))),
      )
    )
  }

  #applySize(): void {
    const { width, height } = this.#size
    const depth = this.#depth()
    Object.assign(this.#camera, { left: -width / 2, right: width / 2, top: height / 2, bottom: -height / 2, near: -depth, far: 3 * depth })
    this.#camera.updateProjectionMatrix()
  }

  readonly #press = (event: PointerEvent) => {
    this.#pressed = event.isPrimary && event.button === 0 ? { x: event.clientX, y: event.clientY } : undefined
  }

  /** A press that did not become a turn chooses the line under it. */
  readonly #release = (event: PointerEvent) => {
    const pressed = this.#pressed
    this.#pressed = undefined
    const level = this.#path?.levels.at(-1)
    if (!pressed || !level || Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > 4) return
    const box = this.#renderer.domElement.getBoundingClientRect()
    const matrix = this.#camera.projectionMatrix.clone().multiply(this.#camera.matrixWorldInverse).elements
    const { width, height } = this.#size
    // an orthographic picture: no division
    const project = (x: number, y: number, z: number): [number, number] => [
      ((m(matrix, 0) * x + m(matrix, 4) * y + m(matrix, 8) * z + m(matrix, 12) + 1) / 2) * width,
      ((1 - (m(matrix, 1) * x + m(matrix, 5) * y + m(matrix, 9) * z + m(matrix, 13))) / 2) * height,
    ]
    const line = nearestLine(level, [event.clientX - box.left, event.clientY - box.top], event.pointerType === 'touch' ? 2 * PICK_PX : PICK_PX, project)
    if (line !== undefined && line > 0) this.#onPick(line)
  }
}

/** Whether WebGL is there only as software, as in remote desktops and on hosts without a graphics card. */
function isDrawnByProcessor(): boolean {
  const gl = document.createElement('canvas').getContext('webgl2')
  const facts = gl?.getExtension('WEBGL_debug_renderer_info')
  const name = gl && facts ? String(gl.getParameter(facts.UNMASKED_RENDERER_WEBGL)) : ''
  gl?.getExtension('WEBGL_lose_context')?.loseContext()
  return /swiftshader|llvmpipe|software|basic render/i.test(name)
}

const m = (matrix: readonly number[], index: number) => matrix[index] ?? 0
