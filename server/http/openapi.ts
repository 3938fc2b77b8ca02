/** The OpenAPI 3.1 document, made from the route declarations: TypeBox schemas are JSON Schema already. */
import type { TSchema } from 'typebox'
import { type AnyRoute, CAPABILITIES, EVENT_TYPES, EVENTS, type EventType, WebhookBody } from '../api/index.ts'

/** Schemas carry non-JSON markers of TypeBox; what is printed must be plain JSON. */
const plain = (schema: TSchema): unknown => JSON.parse(JSON.stringify(schema))

function parameters(schema: TSchema | undefined, place: 'path' | 'query') {
  if (!schema) return []
  const { properties = {}, required = [] } = plain(schema) as { properties?: Record<string, Record<string, unknown>>; required?: string[] }
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    // a property with a default may be left out
    required: place === 'path' || (required.includes(name) && !('default' in property)),
    schema: property,
  }))
}

const problem = (description: string) => ({ description, content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } })

const contentOf = (route: AnyRoute) =>
  route.rawResponse ? { 'text/plain': { schema: { type: 'string' } } } : { 'application/json': { schema: plain(route.response) } }

function operation(route: AnyRoute) {
  const answers: Record<string, unknown> = {
    [route.status ?? 200]: { description: 'Done.', content: contentOf(route) },
    400: problem('What was sent is not valid.'),
    429: problem('Too many requests.'),
    default: problem(route.errors?.length ? `An error; \`code\` may be ${route.errors.join(', ')}.` : 'An error.'),
  }
  if (route.access !== 'public') answers[401] = problem('Not signed in.')
  if (route.access !== 'public' && route.access !== 'session') answers[403] = problem(`Without the right to ${CAPABILITIES[route.access]}.`)
  const body = route.rawBody
    ? { required: true, content: { 'application/octet-stream': { schema: {} } } }
    : route.body && { required: !('default' in route.body), content: { 'application/json': { schema: plain(route.body) } } }
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    ...(route.access === 'public' ? { security: [] } : {}),
    'x-cellwright-access': route.access,
    parameters: [...parameters(route.params, 'path'), ...parameters(route.query, 'query')],
    ...(body ? { requestBody: body } : {}),
    responses: answers,
  }
}

/** Headers of the Standard Webhooks specification. */
const SIGNATURE = [
  ['webhook-id', 'The same at every try: what comes twice is taken once.'],
  ['webhook-timestamp', 'When it was sent, in seconds since 1970. Refuse what is older than five minutes.'],
  ['webhook-signature', 'One or more, with spaces between: "v1," and the base64 of HMAC-SHA256 over "id.timestamp.body" with the secret of the webhook.'],
] as const

/** What a receiver of this kind of event is sent. */
function webhook(type: EventType) {
  const { group, means, data, sees } = EVENTS[type]
  const body = plain(WebhookBody) as { properties: Record<string, unknown> }
  const schema = { ...body, properties: { ...body.properties, type: { const: type }, data: plain(data) } }
  return {
    post: {
      operationId: `told ${type}`,
      tags: ['webhooks'],
      summary: means,
      'x-cellwright-group': group,
      'x-cellwright-sees': sees,
      security: [],
      parameters: SIGNATURE.map(([name, description]) => ({ name, in: 'header', required: true, description, schema: { type: 'string' } })),
      requestBody: { required: true, content: { 'application/json': { schema } } },
      responses: {
        '2XX': { description: 'Taken.' },
        410: { description: 'Nothing is wanted any more: the webhook is paused.' },
        default: { description: 'Not taken: it is sent again, with growing pauses, for some three days.' },
      },
    },
  }
}

/** The document for these routes. */
export function openApi(routes: readonly AnyRoute[], version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method]: operation(route) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Cellwright', version, description: 'Workflow automation for machine shops. A software stop never replaces the hardware emergency stop.' },
    servers: [{ url: '/' }],
    security: [{ session: [] }, { token: [] }],
    tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name })),
    paths,
    webhooks: Object.fromEntries(EVENT_TYPES.map((type) => [type, webhook(type)])),
    components: {
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'cellwright.session_token',
          description: 'Set by signing in; writes need the header X-Cellwright as well.',
        },
        token: { type: 'http', scheme: 'bearer', description: 'An API token (cw_…).' },
      },
      schemas: {
        Problem: {
          type: 'object',
          required: ['type', 'title', 'status', 'detail', 'code'],
          properties: {
            type: { type: 'string' },
            title: { type: 'string' },
            status: { type: 'integer' },
            detail: { type: 'string', description: 'What happened, why, and what to do, for people.' },
            code: { type: 'string', description: 'Stable name of the error, for programs.' },
            errors: { type: 'array', items: { type: 'object', properties: { path: { type: 'string' }, message: { type: 'string' } } } },
            details: {},
          },
        },
      },
    },
  }
}
