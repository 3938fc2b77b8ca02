/** What a connection to a broker is set to. */
import { type Static, Type } from 'typebox'
import type { When } from '../contract.ts'
import { tlsSettings } from '../tls.ts'

/** Addresses that mean TLS. */
export const WITH_TLS: When = { field: 'url', starts: ['mqtts:', 'wss:'] }

export const Settings = Type.Object(
  {
    url: Type.String({
      title: 'Broker',
      // a name or password in it would be seen by everybody who sees the connection
      pattern: '^(mqtt|mqtts|ws|wss)://[^@\\s]+$',
      maxLength: 500,
      placeholder: 'mqtt://broker.local:1883',
      description: 'e.g. mqtt://broker.local:1883, mqtts://broker.local:8883 with TLS. Name and password have fields of their own.',
    }),
    topics: Type.Array(Type.String({ minLength: 1, maxLength: 500 }), {
      title: 'Topics',
      minItems: 1,
      maxItems: 100,
      placeholder: 'shop/+/done',
      description: 'One or more; + stands for one level, # at the end for all below.',
    }),
    qos: Type.Enum([1, 0], {
      title: 'Quality of service',
      default: 1,
      labels: { 1: '1: the broker keeps messages while the connection is down', 0: '0: what comes meanwhile is lost' },
    }),
    clientId: Type.String({
      title: 'Client id',
      minLength: 1,
      maxLength: 60,
      default: 'cellwright',
      isOwn: true,
      description: 'Unlike that of every other client of the broker.',
    }),
    userName: Type.Optional(Type.String({ title: 'User name', maxLength: 200 })),
    ...tlsSettings(WITH_TLS),
    noticeTopic: Type.Optional(
      Type.String({
        title: 'Topic for messages',
        // MQTT 3.1.1, 4.7: what is published to has no wildcards
        pattern: '^[^+#\\u0000]+$',
        maxLength: 500,
        placeholder: 'shop/alarms',
        description: 'Where alarms and messages go that nobody has acknowledged in time, as JSON. Empty: none go to this broker.',
      }),
    ),
    retained: Type.Boolean({ title: 'Retained messages too', default: false, description: 'What the broker keeps of each topic comes at every connect.' }),
  },
  { additionalProperties: false },
)
export type Settings = Static<typeof Settings>
