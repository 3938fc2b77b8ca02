/** The simple things in the picture of a program: boxes, a floor with a grid, the tool. */
import {
  BufferAttribute,
  BufferGeometry,
  ConeGeometry,
  DoubleSide,
  type Group,
  LineBasicMaterial,
  LineSegments,
  type Material,
  Mesh,
  MeshBasicMaterial,
  type Object3D,
} from 'three'
import type { SceneBox } from './drawing.ts'

/** A cone that stands on its tip, one unit high. */
export function tool(): Mesh {
  const geometry = new ConeGeometry(0.28, 1, 20)
  geometry.rotateX(-Math.PI / 2)
  geometry.translate(0, 0, 0.5)
  const mesh = new Mesh(geometry, new MeshBasicMaterial({ transparent: true, opacity: 0.85 }))
  mesh.visible = false
  mesh.renderOrder = 1
  return mesh
}

export function lines(points: Float32Array, material: Material): LineSegments {
  const geometry = new BufferGeometry()
  geometry.setAttribute('position', new BufferAttribute(points, 3))
  return new LineSegments(geometry, material)
}

const EDGES = [0, 1, 2, 3, 4, 5, 6, 7, 0, 2, 1, 3, 4, 6, 5, 7, 0, 4, 1, 5, 2, 6, 3, 7]
const FACES = [0, 1, 3, 0, 3, 2, 4, 5, 7, 4, 7, 6, 0, 1, 5, 0, 5, 4, 2, 3, 7, 2, 7, 6, 0, 2, 6, 0, 6, 4, 1, 3, 7, 1, 7, 5]

/** Corners in the order of their bits: X 1, Y 2, Z 4. */
function corners({ min, max }: SceneBox): Float32Array {
  return Float32Array.from(Array.from({ length: 8 }, (_, bits) => [bits & 1 ? max[0] : min[0], bits & 2 ? max[1] : min[1], bits & 4 ? max[2] : min[2]]).flat())
}

export function edges(box: SceneBox, material: Material): LineSegments {
  const object = lines(corners(box), material)
  object.geometry.setIndex(EDGES)
  return object
}

export function faces(box: SceneBox, color: string): Mesh {
  const geometry = new BufferGeometry()
  geometry.setAttribute('position', new BufferAttribute(corners(box), 3))
  geometry.setIndex(FACES)
  return new Mesh(geometry, new MeshBasicMaterial({ color, transparent: true, opacity: 0.12, side: DoubleSide, depthWrite: false }))
}

/** The floor of the travel, in steps a person can count: 10, 50, 100 mm, … */
export function grid({ min, max }: SceneBox, color: string): LineSegments {
  const widest = Math.max(max[0] - min[0], max[1] - min[1])
  const step = [1, 5, 10, 50, 100, 500, 1000].find((one) => widest / one <= 40) ?? 1000
  const points: number[] = []
  for (let x = Math.ceil(min[0] / step) * step; x <= max[0]; x += step) points.push(x, min[1], min[2], x, max[1], min[2])
  for (let y = Math.ceil(min[1] / step) * step; y <= max[1]; y += step) points.push(min[0], y, min[2], max[0], y, min[2])
  return lines(Float32Array.from(points), new LineBasicMaterial({ color }))
}

export function empty(group: Group): void {
  for (const object of [...group.children]) {
    group.remove(object)
    const { geometry, material } = object as Object3D & { geometry?: BufferGeometry; material?: Material }
    geometry?.dispose()
    material?.dispose()
  }
}
