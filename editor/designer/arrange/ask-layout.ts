/** Asks the worker for a layout. */
import type { LayoutJob, LayoutPlaces } from './layout.ts'

/** @throws Error when the worker fails, or the signal's reason when nobody wants the answer any more */
export function askLayout(job: LayoutJob, signal: AbortSignal): Promise<LayoutPlaces> {
  const worker = new Worker(new URL('./layout.worker.ts', import.meta.url), { type: 'module' })
  const answer = new Promise<LayoutPlaces>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<LayoutPlaces>) => resolve(data)
    worker.onerror = (event) => reject(new Error(event.message || 'The worker that lays flows out failed.'))
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    worker.postMessage(job)
  })
  return answer.finally(() => worker.terminate())
}
