/** Who brings types that many directories use, for those that do not say it themselves (from the packages' own `package.json` and HTML). */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  'node-red-node-serialport': ['serial in', 'serial out', 'serial request', 'serial control', 'serial-port'],
  'node-red-contrib-modbus': ['modbus-client', 'modbus-read', 'modbus-getter', 'modbus-write', 'modbus-flex-getter', 'modbus-flex-write', 'modbus-server'],
  'node-red-contrib-opcua': ['OpcUa-Client', 'OpcUa-Endpoint', 'OpcUa-Item', 'OpcUa-Browser', 'OpcUa-Server'],
  'node-red-contrib-s7': ['s7 endpoint', 's7 in', 's7 out', 's7 control'],
  'node-red-contrib-influxdb': ['influxdb', 'influxdb in', 'influxdb out', 'influxdb batch'],
  'node-red-node-mysql': ['mysql', 'MySQLdatabase'],
  'node-red-node-sqlite': ['sqlite', 'sqlitedb'],
  'node-red-contrib-telegrambot': ['telegram bot', 'telegram receiver', 'telegram sender', 'telegram command'],
  'node-red-node-pi-gpio': ['rpi-gpio in', 'rpi-gpio out'],
  'node-red-node-email': ['e-mail', 'e-mail in', 'e-mail mta'],
  'node-red-dashboard': [
    ...['ui_tab', 'ui_group', 'ui_base', 'ui_button', 'ui_text', 'ui_gauge', 'ui_chart', 'ui_template', 'ui_switch', 'ui_slider', 'ui_dropdown'],
    ...['ui_form', 'ui_text_input', 'ui_numeric', 'ui_date_picker', 'ui_colour_picker', 'ui_toast', 'ui_audio', 'ui_ui_control', 'ui_link', 'ui_spacer'],
  ],
  '@flowfuse/node-red-dashboard': ['ui-base', 'ui-page', 'ui-group', 'ui-theme'],
}

const BY_TYPE: ReadonlyMap<string, string> = new Map(Object.entries(KNOWN).flatMap(([module, types]) => types.map((type) => [type, module])))

/** Undefined where it is not known. */
export const knownModule = (type: string): string | undefined => BY_TYPE.get(type)
