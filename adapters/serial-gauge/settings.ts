/** What a connection to a gauge is set to. */
import { type Static, Type } from 'typebox'
import type { When } from '../contract.ts'

/** The longest line that is read; what is longer is no reading. */
export const LONGEST_LINE = 200

const BY_SERIAL: When = { field: 'line', is: ['serial'] }
const BY_TCP: When = { field: 'line', is: ['tcp'] }
const OF_GENERIC: When = { field: 'format', is: ['generic'] }
const WITH_A_UNIT_OF_ITS_OWN: When = { field: 'format', is: ['mark-10', 'generic'] }

export const Settings = Type.Object(
  {
    line: Type.Enum(['serial', 'tcp'], {
      title: 'Connected by',
      default: 'serial',
      labels: { serial: 'a serial port of this server (also USB)', tcp: 'the network (serial device server)' },
    }),
    path: Type.Optional(
      Type.String({
        title: 'Serial port',
        maxLength: 300,
        // no line break and nothing that is not seen
        pattern: '^[^\\u0000-\\u001f\\u007f]*$',
        placeholder: '/dev/serial/by-id/usb-…',
        description: 'As the server sees it. On Linux the names under /dev/serial/by-id stay with the adapter, whatever it is plugged into.',
        when: BY_SERIAL,
      }),
    ),
    adapter: Type.Optional(
      Type.String({
        title: 'Or by the USB adapter',
        pattern: '^$|^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}(:[^\\s\\u0000-\\u001f]{1,100})?$',
        maxLength: 120,
        placeholder: '0403:6001:A10KZB3F',
        description: 'Vendor, product and serial number, as the test lists them: the port is then found wherever it is plugged in.',
        when: BY_SERIAL,
      }),
    ),
    baudRate: Type.Enum([1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200], {
      title: 'Baud rate',
      default: 9600,
      labels: Object.fromEntries([1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200].map((rate) => [rate, String(rate)])),
      when: BY_SERIAL,
    }),
    frame: Type.Enum(['8N1', '8E1', '8O1', '7E1', '7O1', '7E2', '8N2'], {
      title: 'Data bits, parity, stop bits',
      default: '8N1',
      labels: {
        '8N1': '8, none, 1',
        '8E1': '8, even, 1',
        '8O1': '8, odd, 1',
        '7E1': '7, even, 1',
        '7O1': '7, odd, 1',
        '7E2': '7, even, 2',
        '8N2': '8, none, 2',
      },
      when: BY_SERIAL,
    }),
    host: Type.Optional(Type.String({ title: 'Host', maxLength: 200, pattern: '^[A-Za-z0-9._:-]*$', placeholder: '192.168.1.40', when: BY_TCP })),
    port: Type.Integer({ title: 'Port', minimum: 1, maximum: 65_535, default: 4001, when: BY_TCP }),
    format: Type.Enum(['mitutoyo', 'mark-10', 'generic'], {
      title: 'Gauge',
      default: 'mitutoyo',
      labels: { mitutoyo: 'Mitutoyo (01A+0000.123)', 'mark-10': 'Mark-10 (value and unit)', generic: 'another: by a pattern' },
    }),
    length: Type.Enum(['mm', 'inch'], {
      title: 'The gauge is set to',
      default: 'mm',
      labels: { mm: 'mm', inch: 'inch' },
      description: 'A Mitutoyo line does not say its unit. A reading with the decimals of the other unit is refused.',
      when: { field: 'format', is: ['mitutoyo'] },
    }),
    unit: Type.Optional(
      Type.String({
        title: 'Unit',
        maxLength: 20,
        placeholder: 'mm',
        description: 'Readings in another unit are refused. Empty: as each reading says.',
        when: WITH_A_UNIT_OF_ITS_OWN,
      }),
    ),
    pattern: Type.Optional(
      Type.String({
        title: 'Pattern of a line',
        maxLength: 300,
        placeholder: '(?<sign>[+-]?)(?<value>[0-9]+[.][0-9]+) *(?<unit>mm|in)',
        description: 'A regular expression for the whole line, with the named group value; also sign, unit and channel where the line has them.',
        when: OF_GENERIC,
      }),
    ),
    decimal: Type.Enum(['point', 'comma'], {
      title: 'Decimal sign',
      default: 'point',
      labels: { point: 'point', comma: 'comma' },
      when: OF_GENERIC,
    }),
    ends: Type.Enum(['lf', 'cr'], {
      title: 'A line ends with',
      default: 'lf',
      labels: { lf: 'LF, or CR LF', cr: 'CR' },
      when: OF_GENERIC,
    }),
    request: Type.Optional(
      Type.String({
        title: 'What asks for a reading',
        maxLength: 40,
        pattern: '^[\\u0020-\\u007e]*$',
        placeholder: '?\\r',
        description:
          'Sent when a flow asks for a reading; \\r is CR, \\n is LF. Empty: Mark-10 is asked with ?\\r, others only send by themselves (data key, pedal).',
      }),
    ),
    answerSeconds: Type.Number({ title: 'It answers within', unit: 's', minimum: 0.1, maximum: 60, default: 2 }),
  },
  { additionalProperties: false },
)
export type Settings = Static<typeof Settings>
