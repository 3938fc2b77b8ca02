/**
 * OpenTelemetry export of the gateway: runs with their steps, their jobs with BullMQ's spans and the calls to outside systems, to the collector that the standard
 * variables name (opentelemetry.io, "OTLP Exporter Configuration"): `OTEL_EXPORTER_OTLP_ENDPOINT` or
 * `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, `…_HEADERS`, `…_TIMEOUT`; `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`;
 * `OTEL_TRACES_SAMPLER_ARG` as the share of runs; `OTEL_SDK_DISABLED`. Without an endpoint nothing of it is even loaded.
 */
import type { Telemetry as BullTelemetry } from 'bullmq'
import type { Logger } from '../../base/log.ts'
import type { RunRecord } from '../runs/run-record.ts'
import type { JobTelemetry } from './contract.ts'

export interface Telemetry {
  /** For BullMQ's queues and workers. */
  readonly bull: BullTelemetry
  readonly jobs: JobTelemetry
  /** A run was written; told of when it has ended. Never throws. */
  run(record: RunRecord): void
  /** Sends what waits, for a short while. */
  close(): Promise<void>
}

const CLOSE_MS = 3000

/** @returns undefined when no collector is named */
export async function openTelemetry(options: { env?: Record<string, string | undefined>; version: string; log: Logger }): Promise<Telemetry | undefined> {
  const { env = process.env, version, log } = options
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT
  if (!endpoint || env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none') return undefined
  // loaded only for those who want it: half a second and some megabytes
  const [
    api,
    { AsyncLocalStorageContextManager },
    { OTLPTraceExporter },
    resources,
    sdk,
    semantic,
    { BullMQOtel },
    { ChosenIds },
    { createJobSpans },
    { createRunSpans },
    { traceContext },
  ] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/context-async-hooks'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/semantic-conventions'),
    import('bullmq-otel'),
    import('./ids.ts'),
    import('./job-spans.ts'),
    import('./run-spans.ts'),
    import('./trace-context.ts'),
  ])
  // the exporter's own words, e.g. that the collector does not answer; never more than that
  const say = (message: string, ...rest: unknown[]) => log.warn({ reason: [message, ...rest].map(String).join(' ').slice(0, 500) }, 'OpenTelemetry')
  const quiet = () => {}
  api.diag.setLogger({ error: say, warn: say, info: quiet, debug: quiet, verbose: quiet }, { logLevel: api.DiagLogLevel.WARN, suppressOverrideMessage: true })

  const ids = new ChosenIds()
  const share = Number(env.OTEL_TRACES_SAMPLER_ARG ?? '1')
  const byShare = new sdk.TraceIdRatioBasedSampler(share >= 0 && share <= 1 ? share : 1)
  const provider = new sdk.TracerProvider({
    idGenerator: ids,
    sampler: new sdk.ParentBasedSampler({ root: byShare }),
    resource: resources
      .defaultResource()
      .merge(resources.detectResources({ detectors: [resources.envDetector] }))
      .merge(
        resources.resourceFromAttributes({
          ...(env.OTEL_SERVICE_NAME ? {} : { [semantic.ATTR_SERVICE_NAME]: 'cellwright' }),
          [semantic.ATTR_SERVICE_VERSION]: version,
        }),
      ),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter: new OTLPTraceExporter(), maxQueueSize: 20_000, scheduledDelayMillis: 2000 })],
  })
  api.trace.setGlobalTracerProvider(provider)
  api.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  api.propagation.setGlobalPropagator(traceContext)
  const tracer = provider.getTracer('cellwright', version)
  const spans = createRunSpans({ tracer, ids })
  const isSampled = (traceId: string) => byShare.shouldSample(api.ROOT_CONTEXT, traceId).decision === sdk.SamplingDecision.RECORD_AND_SAMPLED
  const jobs = createJobSpans({ tracer, ids, isSampled })
  log.info({ endpoint: withoutSecrets(endpoint) }, 'runs and jobs are told to OpenTelemetry')

  return {
    bull: new BullMQOtel({ tracerName: 'cellwright-jobs', version }),
    jobs: {
      ...jobs,
      ended(job) {
        try {
          jobs.ended(job)
        } catch (error) {
          log.warn({ err: error, jobId: job.id }, 'a job could not be told to OpenTelemetry')
        }
      },
    },
    run(record) {
      try {
        spans.take(record)
      } catch (error) {
        log.warn({ err: error, runId: record.id }, 'a run could not be told to OpenTelemetry')
      }
    },
    async close() {
      const late = AbortSignal.timeout(CLOSE_MS)
      try {
        await Promise.race([provider.shutdown(), new Promise((_, reject) => late.addEventListener('abort', () => reject(new Error('no answer in time'))))])
      } catch (error) {
        log.warn({ reason: String(error) }, 'the last spans could not be sent')
      }
      api.trace.disable()
      api.context.disable()
      api.propagation.disable()
      api.diag.disable()
    },
  }
}

function withoutSecrets(endpoint: string): string {
  const url = URL.parse(endpoint)
  if (!url) return endpoint
  url.username = ''
  url.password = ''
  url.search = ''
  return url.href
}
