/**
 * Deutsch: what connections and their tests tell, by its code (adapters, server/connections). What has no German here is said in
 * the English of the server.
 */
import { germanSentence } from './sentences.ts'

type Blanks = Readonly<Record<string, string | number>>

/** Of what came again and again it is said once. */
const often = (times: string | number) => (Number(times) > 1 ? ` (${times}-mal)` : '')

export const tellings: Readonly<Record<string, (blanks: Blanks) => string>> = {
  // what a test saw
  'inbox-seen': ({ folder, count }) => `Der Eingang ${folder} lässt sich lesen und schreiben; Dateien darin: ${count}.`,
  'outbox-seen': ({ folder }) => `Der Ausgang ${folder} lässt sich schreiben.`,
  'folder-seen': ({ folder }) => `Der Ordner ${folder} lässt sich lesen.`,
  'folder-seen-writable': ({ folder }) => `Der Ordner ${folder} lässt sich lesen und schreiben.`,
  'folder-empty': () => 'Gerade liegt keine Datei darin.',
  'files-waiting': ({ count, some }) => `Dateien darin: ${count} (${some}). Sie werden gemeldet.`,
  'files-there': ({ count, some }) => `Dateien darin: ${count} (${some}). Sie sind schon da und werden nicht gemeldet.`,
  'broker-seen': ({ where }) => `Der Broker ${where} lässt diesen Client ein.`,
  'broker-version': ({ where, version }) => `Der Broker ${where} lässt diesen Client ein; er ist ${version}.`,
  'topics-granted': ({ topics }) => `Er lässt ihn ${topics} hören.`,
  'topics-heard': ({ topics, seconds }) => `In ${seconds} s gehört: ${topics}.`,
  'nothing-heard': ({ seconds }) => `In ${seconds} s war nichts zu hören. Das ist in Ordnung, wenn in dieser Zeit niemand etwas gesendet hat.`,
  'database-version': ({ where, database, user, version }) => `Die Datenbank „${database}“ auf ${where} lässt „${user}“ ein; sie ist PostgreSQL ${version}.`,
  'channel-told': ({ channel, tables }) => `Trigger von ${tables} melden auf „${channel}“.`,
  'channel-untold': ({ channel }) =>
    `Noch scheint kein Trigger einer Tabelle auf „${channel}“ zu melden. Einen anlegen, der pg_notify('${channel}', row_to_json(new)::text) aufruft, oder ein Programm das tun lassen.`,
  'mqtt-five': () => 'Er spricht MQTT 5: In einem Schwall darf er vorausschicken, sodass er nichts verwerfen muss.',
  'mqtt-three': () =>
    'Er spricht nur MQTT 3.1.1: Was schneller kommt, als es hier gespeichert wird, wartet im Broker, und der verwirft, was über seine Grenze geht (Mosquitto: 1.000, max_queued_messages).',
  'table-read': ({ table, column, highest }) => `${table} lässt sich lesen; der höchste Wert von ${column} ist ${highest}.`,
  'table-empty': ({ table }) => `${table} lässt sich lesen; sie hat noch keine Zeilen.`,
  'cursor-unindexed': ({ table, column }) =>
    `Kein Index von ${table} beginnt mit ${column}: Jeder Blick liest die ganze Tabelle. Einen anlegen, wenn sie groß ist.`,

  // what is wrong, and what to do
  'folder-away': ({ folder, seconds }) => `Der Ordner ${folder} ist weg. Alle ${seconds} s wird nach ihm gesehen; die Einbindung oder die Netzfreigabe prüfen.`,
  'folder-trouble': ({ folder, reason }) => `Der Ordner ${folder} ließ sich nicht durchsehen: ${reason}`,
  'folder-polled': ({ seconds, reason }) => `Neue Dateien werden nur alle ${seconds} s bemerkt: ${reason}`,
  'folder-not-absolute': ({ folder }) => `Der Ordner „${folder}“ muss von der Wurzel her angegeben werden, z. B. /srv/messwerte.`,
  'folder-not-found': ({ folder }) =>
    `${folder} ist kein Ordner, den dieser Server sieht. Ihn anlegen, seine Freigabe einbinden oder den richtigen Pfad angeben.`,
  'folder-not-readable': ({ folder }) => `Der Ordner ${folder} darf von diesem Server nicht gelesen werden. Dem Konto des Servers Zugriff geben.`,
  'folder-not-writable': ({ folder }) =>
    `Der Ordner ${folder} darf von diesem Server nicht gelesen und beschrieben werden. Dem Konto des Servers Zugriff geben.`,
  'folders-overlap': () => 'Eingang und Ausgang müssen zwei Ordner sein, keiner im anderen.',
  'file-waits': ({ file, reason, folder }) => `${file} konnte nicht angenommen werden: ${reason} Sie bleibt in ${folder} und wird wieder versucht.`,
  'broker-away': ({ where, reason }) => `Der Broker ${where} ist nicht zu erreichen: ${reason}. Adresse und Port prüfen, und ob er läuft.`,
  'broker-lost': ({ where, reason }) =>
    `Der Broker ${where} ist weg (${reason}). Es wird wieder versucht, mindestens alle 30 s; wenn er wiederkommt, ist nichts zu tun.`,
  'broker-refused': ({ where }) => `Der Broker ${where} weist diesen Benutzernamen oder dieses Passwort ab. Hier oder beim Broker berichtigen.`,
  'user-name-missing': () => 'MQTT nimmt ein Passwort nur mit einem Benutzernamen. Den Benutzernamen eingeben, oder das Passwort entfernen.',
  'client-refused': ({ where }) => `Der Broker ${where} weist diese Client-Kennung ab. Eine andere wählen.`,
  'topic-refused': ({ topics }) =>
    `Der Broker lässt diesen Client ${topics} nicht hören. Die Themen berichtigen, oder die Rechte dieses Benutzers beim Broker.`,
  'database-away': ({ where, reason }) => `Die Datenbank auf ${where} antwortet nicht: ${reason}. Rechner und Port prüfen, und ob sie läuft.`,
  'database-lost': ({ where }) =>
    `Die Verbindung zur Datenbank auf ${where} ist abgerissen. Es wird wieder versucht, mindestens alle 30 s. Meldungen in dieser Zeit sind verloren.`,
  'database-refused': ({ where, user, reason }) =>
    `Die Datenbank auf ${where} weist „${user}“ ab: ${reason}. Benutzer und Passwort berichtigen, oder ihre pg_hba.conf.`,
  'database-unknown': ({ where, database }) => `Auf ${where} gibt es keine Datenbank „${database}“. Den Namen berichtigen.`,
  'channels-missing': () => 'Mindestens einen Kanal eingeben, auf dem gehört wird.',
  'table-missing': () => 'Die Tabelle eingeben, die gelesen wird, und die Spalte, an der neue Zeilen zu erkennen sind.',
  'table-unknown': ({ table }) =>
    `Eine Tabelle oder Sicht „${table}“ sieht dieser Benutzer nicht. Den Namen berichtigen, ihr Schema davorschreiben, oder das Recht select darauf geben.`,
  'column-unknown': ({ table, column }) => `„${table}“ hat keine Spalte „${column}“. Ihren Namen berichtigen.`,
  'table-refused': ({ user, table }) => `„${user}“ darf ${table} nicht lesen. Das Recht select darauf geben.`,
  'table-unread': ({ where, reason }) =>
    `Die Tabelle auf ${where} ließ sich nicht lesen: ${reason}. Es wird wieder versucht, mindestens alle 30 s; in dieser Zeit geht nichts verloren.`,
  'cursor-behind': ({ table, low, highest }) =>
    `Alle Zeilen von ${table} stehen vor der Stelle, bis zu der gelesen wurde (${low}); die höchste ist ${highest}. Wurde die Tabelle geleert oder zurückgespielt, werden neue Zeilen erst jenseits dieser Stelle gefunden: Die Verbindung neu anlegen.`,
  'broker-dropped': ({ count }) =>
    `Der Broker hat ${count} Nachrichten verworfen, seit er es zuletzt gesagt hat, von allen seinen Clients zusammen; einige davon können für diese Verbindung gewesen sein. Er hebt für jeden Client nur so viele auf: Seine Grenze erhöhen (Mosquitto: max_queued_messages).`,
  'webhook-seen': ({ where, status }) => `${where} antwortet (${status}). Es wurde keine Meldung geschickt.`,
  'webhook-away': ({ where, reason }) => `${where} hat es nicht angenommen: ${reason}. Die Adresse prüfen, und ob das Programm dort läuft.`,
  'webhook-refused': ({ where, status }) => `${where} lehnt ab (${status}). Die Adresse oder das Token berichtigen, oder die Rechte dort.`,
  'no-notices': () => 'Diese Verbindung bringt keine Meldungen zu Menschen. Eine andere wählen, oder ihr ein Thema für Meldungen geben.',
  'order-changed': ({ number }) =>
    `Der Fertigungsauftrag ${number} kam noch einmal mit anderem Inhalt. Der erste gilt; dem geänderten eine eigene Nummer geben.`,
  'order-refused': ({ reason }) => `${germanSentence(String(reason))}. Von der Datei wurde nichts genommen.`,
  'orders-refused': ({ count, file }) => `${count} weitere Zeilen sind fehlerhaft; alle stehen in ${file}.`,
  'no-tags': () => 'Diese Art von Verbindung hat keine Werte, die man beobachten kann. Eine andere Verbindung wählen.',
  'connection-off': () => 'Die Verbindung läuft gerade nicht. Ihre Seite sagt, warum.',
  'connection-elsewhere': ({ host = '?' }) => `Der Rechner „${host}“ hält die Verbindungen; dort nachsehen, oder den Tag von Hand schreiben.`,
  'certificate-wrong': ({ reason }) =>
    `Ein Zertifikat oder sein Schlüssel lässt sich nicht lesen: ${reason}. Den ganzen PEM-Text einfügen, und den Schlüssel, der zum Zertifikat gehört.`,
  'certificate-untrusted': ({ where }) =>
    `Das Zertifikat von ${where} stammt von einer Stelle, die dieser Server nicht kennt. Deren Zertifikat bei „Zertifizierungsstelle“ einfügen.`,
  'certificate-other-name': ({ where, reason }) =>
    `Das Zertifikat von ${where} gilt für einen anderen Namen: ${reason}. Den Namen benutzen, der im Zertifikat steht.`,
  'certificate-expired': ({ where }) => `Das Zertifikat von ${where} ist abgelaufen. Es dort erneuern.`,
  'no-tls': ({ where, reason }) =>
    `${where} spricht auf diesem Port kein TLS oder lehnt es ab: ${reason}. Den Port prüfen, und ob der Server ein Client-Zertifikat verlangt.`,
  'nobody-listens': () =>
    'Kein Ablauf wartet auf Ereignisse dieser Verbindung. Einen mit einem Ereignisauslöser dafür ausrollen; bis dahin warten sie draußen.',
  'store-away': () => 'Die eigene Datenbank ist gerade weg. Was hereinkommt, wird wieder versucht.',
  'gateway-away': () => 'Der Server ist gerade weg. Was gefunden wurde, wird wieder gemeldet.',
  'host-away': () => 'Der Prozess, der die Verbindungen hält, läuft gerade nicht. Er wird von selbst neu gestartet; es ist nichts zu tun.',
  'held-elsewhere': ({ host }) => `Der Rechner „${host}“ hält die Verbindungen; wie es dieser geht, steht dort.`,
  'connector-host-away': () => 'Der Prozess, der die Verbindungen hält, läuft gerade nicht. Er wird von selbst neu gestartet; gleich noch einmal versuchen.',
  'connection-name-taken': ({ name }) => `Eine Verbindung „${name}“ gibt es schon. Einen anderen Namen wählen.`,
  'connection-twice': ({ name }) =>
    `„${name}“ ist schon mit demselben Ziel verbunden: Die beiden nähmen einander etwas weg. Jene benutzen, oder etwas anderes wählen.`,
  'secret-again': ({ secrets }) =>
    `Wohin diese Verbindung führt, hat sich geändert, und das Aufbewahrte wurde für das Ziel davor eingegeben. Noch einmal eingeben: ${secrets}.`,
  'gauge-open': ({ where }) => `${where} lässt sich öffnen. Ob ein Messgerät dahinter ist, zeigt sich, wenn es den ersten Messwert sendet.`,
  'gauge-running': ({ where }) => `${where} ist offen: Eine Verbindung dieses Servers hört gerade darauf.`,
  'gauge-sends': () => 'Dieses Messgerät wird nicht gefragt: Es sendet mit seiner Datentaste, einem Pedal oder von selbst.',
  'gauge-asked': () => 'Dieses Messgerät lässt sich nach einem Messwert fragen.',
  'adapters-seen': ({ some }) => `USB-Adapter dieses Servers: ${some}.`,
  'gauge-away': ({ where, reason }) =>
    `${where} lässt sich nicht öffnen: ${reason}. Prüfen, ob das Messgerät eingesteckt ist und ob das seine Schnittstelle ist.`,
  'gauge-taken': ({ where }) =>
    `Ein anderes Programm hat ${where} offen: eine Maschine, eine andere Verbindung oder ein Programm des Herstellers. Es dort schließen, oder die richtige Schnittstelle eingeben.`,
  'port-of-machine': ({ where, machine }) =>
    `${where} ist die Schnittstelle der Maschine „${machine}“: Keine Verbindung öffnet sie, weil das eine arbeitende Steuerung zurücksetzen kann. Die Schnittstelle des Messgeräts eingeben; bei gleichen Adaptern mit Seriennummer.`,
  'machine-ports-unknown': ({ where }) =>
    `${where} wird noch nicht geöffnet: Dieser Server hat noch nicht gesagt, welche Schnittstellen zu Maschinen gehören. Es wird von selbst wieder versucht.`,
  'gauge-lost': ({ where, reason }) => `Die Leitung zum Messgerät an ${where} ist weg (${reason}). Sie wird von selbst wieder geöffnet; den Stecker prüfen.`,
  'port-missing': () => 'Die serielle Schnittstelle des Messgeräts eingeben, oder seinen USB-Adapter.',
  'port-denied': ({ where }) =>
    `Dieser Server darf ${where} nicht öffnen. Seinem Konto Zugriff auf serielle Schnittstellen geben (unter Linux die Gruppe dialout) und ihn neu starten.`,
  'host-missing': () => 'Den Namen oder die Adresse des Schnittstellenservers eingeben.',
  'adapter-missing': ({ adapter }) => `Der USB-Adapter ${adapter} steckt nicht. Ihn einstecken; er wird wieder gesucht.`,
  'adapter-twice': ({ adapter, paths }) =>
    `Mehrere Schnittstellen haben den Adapter ${adapter}: ${paths}. Seine Seriennummer dazuschreiben, oder die Schnittstelle selbst.`,
  'pattern-missing': () => 'Das Muster einer Zeile dieses Messgeräts eingeben, mit der benannten Gruppe (?<value>…) für seine Zahl.',
  'pattern-wrong': ({ reason }) =>
    `Das Muster lässt sich nicht benutzen: ${reason}. Es braucht (?<value>…) und darf (?<sign>…), (?<unit>…) und (?<channel>…) haben.`,
  'pattern-slow': ({ ms }) =>
    `Das Muster braucht für eine Zeile, die nicht passt, länger als ${ms} ms. Keine Wiederholung in einer Wiederholung benutzen, wie (a+)+.`,
  'line-half': ({ line, times = 1 }) =>
    `Eine Zeile brach mittendrin ab („${line}“): Das ist kein Messwert. Kabel und Stecker prüfen, dann noch einmal messen.${often(times)}`,
  'line-long': ({ line, times = 1 }) =>
    `Eine Zeile ist viel zu lang für einen Messwert („${line}“). Prüfen, ob Messgerät, Baudrate und Zeilenende richtig eingestellt sind.${often(times)}`,
  'line-garbled': ({ line, times = 1 }) => `Eine Zeile hat Zeichen, die kein Messgerät sendet („${line}“). Baudrate, Parität und Kabel prüfen.${often(times)}`,
  'line-torn': ({ line, times = 1 }) =>
    `Was nach einer abgebrochenen Zeile kam („${line}“), kann ihre andere Hälfte sein: Das ist kein Messwert. Noch einmal messen.${often(times)}`,
  'line-unknown': ({ line, times = 1 }) => `„${line}“ ist keine Zeile dieser Art von Messgerät.${often(times)}`,
  'value-wrong': ({ line, times = 1 }) => `„${line}“ hat keine Zahl, wo der Wert stehen soll.${often(times)}`,
  'sign-twice': ({ line, times = 1 }) => `„${line}“ hat zwei Vorzeichen.${often(times)}`,
  'unit-missing': ({ line, times = 1 }) => `„${line}“ nennt keine Einheit, und die Verbindung auch nicht.${often(times)}`,
  'unit-wrong': ({ line, unit, wanted, times = 1 }) =>
    `„${line}“ ist in ${unit}; diese Verbindung nimmt Messwerte in ${wanted}. Das Messgerät auf ${wanted} stellen, oder die Verbindung berichtigen.${often(times)}`,
  'unit-doubtful': ({ line, decimals, unit, other, times = 1 }) =>
    `„${line}“ hat ${decimals} Dezimalstellen, wie sie ein auf ${other} gestelltes Messgerät sendet; diese Verbindung steht auf ${unit}. Die Taste mm/inch drücken, oder die Verbindung berichtigen.${often(times)}`,
  'gauge-error': ({ error, times = 1 }) =>
    `Die Schnittstelle des Messgeräts meldet Fehler ${error}: Es gibt keinen Messwert. Prüfen, ob das Messgerät an und eingesteckt ist; was ${error} heißt, sagt ihre Anleitung.${often(times)}`,
  unreachable: () => 'Der Server ist nicht zu erreichen. Das Netz prüfen und noch einmal versuchen.',
}
