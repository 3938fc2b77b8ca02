/** Carries a span over to whoever works a job, as text: W3C trace context (www.w3.org/TR/trace-context, `traceparent`). */
import { type Context, isSpanContextValid, type TextMapGetter, type TextMapPropagator, type TextMapSetter, TraceFlags, trace } from '@opentelemetry/api'

const HEADER = 'traceparent'

export const traceContext: TextMapPropagator = {
  inject(context: Context, carrier: unknown, setter: TextMapSetter) {
    const span = trace.getSpanContext(context)
    if (!span || !isSpanContextValid(span)) return
    const flags = (span.traceFlags & TraceFlags.SAMPLED).toString(16).padStart(2, '0')
    setter.set(carrier, HEADER, `00-${span.traceId}-${span.spanId}-${flags}`)
  },
  extract(context: Context, carrier: unknown, getter: TextMapGetter) {
    const found = getter.get(carrier, HEADER)
    const parts = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/.exec(String(Array.isArray(found) ? found[0] : (found ?? '')))
    if (!parts) return context
    const [, traceId = '', spanId = '', flags = '00'] = parts
    return trace.setSpanContext(context, { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true })
  },
  fields: () => [HEADER],
}
