/** Lays flows out beside the page: large ones take seconds. One job a worker; it is ended when nobody wants the answer. */
import { type LayoutJob, type LayoutPlaces, layoutFlow } from './layout.ts'

const scope = globalThis as unknown as {
  postMessage: (message: LayoutPlaces) => void
  onmessage: ((event: MessageEvent<LayoutJob>) => void) | null
}

scope.onmessage = ({ data }) => scope.postMessage(layoutFlow(data))
