/**
 * Deutsch: the words connectors are declared with (`defineConnector` in `adapters/`), by the English text, so that a text that
 * changes has no German until somebody has looked at it. `test/connector-texts.test.ts` walks every declaration.
 */
const texts: Readonly<Record<string, string>> = {
  // kinds
  'Work-order folder': 'Ordner mit Fertigungsaufträgen',
  'Takes work orders from CSV or JSON files in a folder and writes each confirmation as a JSON file into another.':
    'Nimmt Fertigungsaufträge aus CSV- oder JSON-Dateien eines Ordners und schreibt jede Rückmeldung als JSON-Datei in einen anderen.',
  'For an ERP that writes files: work orders come in from one folder, finished quantities go out into another. Flows take them with “work orders” and answer with “confirm”.':
    'Für ein ERP, das Dateien schreibt: Fertigungsaufträge kommen aus einem Ordner herein, fertige Mengen gehen in einen anderen hinaus. Abläufe nehmen sie mit „Fertigungsaufträge“ und antworten mit „Rückmelden“.',
  'A file is read when it has not changed for a while, and moved to “done” only when its orders are stored: none is lost when the power goes.':
    'Eine Datei wird gelesen, wenn sie sich eine Weile nicht geändert hat, und erst nach „done“ verschoben, wenn ihre Aufträge gespeichert sind: Keiner geht verloren, wenn der Strom ausfällt.',
  'The same order number is taken once, however often its file comes.': 'Dieselbe Auftragsnummer wird einmal angenommen, so oft ihre Datei auch kommt.',
  'A confirmation is written once and whole, and tried again until the folder takes it.':
    'Eine Rückmeldung wird einmal und ganz geschrieben, und so lange versucht, bis der Ordner sie nimmt.',
  Folder: 'Ordner',
  'Tells flows of files that arrive in a folder, with their content if wanted.':
    'Meldet Abläufen Dateien, die in einem Ordner ankommen, auf Wunsch mit Inhalt.',
  'For measuring machines, CAM and other programs that write files: each new file starts a flow. Set an “event trigger” to this connection.':
    'Für Messmaschinen, CAM und andere Programme, die Dateien schreiben: Jede neue Datei startet einen Ablauf. Einen „Ereignisauslöser“ auf diese Verbindung stellen.',
  'With “move the file”: no file is lost, and each is told of once, also when the server, the network share or the power goes.':
    'Mit „die Datei verschieben“: Keine Datei geht verloren, und jede wird einmal gemeldet, auch wenn Server, Netzfreigabe oder Strom ausfallen.',
  'With “leave the file”: those that come while the server is down are not told of.':
    'Mit „die Datei liegen lassen“: Was kommt, während der Server steht, wird nicht gemeldet.',
  'While no flow waits for its files they stay in the folder.': 'Solange kein Ablauf auf ihre Dateien wartet, bleiben sie im Ordner.',
  MQTT: 'MQTT',
  'Tells flows of messages of an MQTT broker.': 'Meldet Abläufen Nachrichten eines MQTT-Brokers.',
  'For machines, sensors, PLC gateways and other programs that publish to a broker: each message on the chosen topics starts a flow. Set an “event trigger” to this connection.':
    'Für Maschinen, Sensoren, SPS-Gateways und andere Programme, die an einen Broker senden: Jede Nachricht auf den gewählten Themen startet einen Ablauf. Einen „Ereignisauslöser“ auf diese Verbindung stellen.',
  'With quality of service 1 the broker hears that a message arrived only when it is stored here: none is lost over restarts of this server, as long as the broker keeps them (Mosquitto: 1,000 for each client that is away, until its max_queued_messages is raised).':
    'Bei QoS 1 erfährt der Broker erst, dass eine Nachricht angekommen ist, wenn sie hier gespeichert ist: Über Neustarts dieses Servers geht keine verloren, solange der Broker sie aufhebt (Mosquitto: 1.000 für jeden Client, der weg ist, bis max_queued_messages erhöht wird).',
  'A message that the broker sends twice because the line broke is told of once. Only when this server dies between storing a message and telling the broker may it come twice: MQTT itself promises “at least once”.':
    'Eine Nachricht, die der Broker nach einem Leitungsbruch zweimal sendet, wird einmal gemeldet. Nur wenn dieser Server zwischen dem Speichern und der Antwort an den Broker stirbt, kann sie zweimal kommen: MQTT selbst verspricht „mindestens einmal“.',
  'With quality of service 0, messages while the connection is down are lost.':
    'Mit Dienstgüte 0 sind Nachrichten verloren, während die Verbindung unterbrochen ist.',
  PostgreSQL: 'PostgreSQL',
  'Tells flows of changes in a PostgreSQL database: by its notifications, or by reading a table.':
    'Meldet Abläufen Änderungen in einer PostgreSQL-Datenbank: durch ihre Meldungen (NOTIFY), oder indem eine Tabelle gelesen wird.',
  'For an ERP, MES or measuring database on PostgreSQL. Either a trigger in the database calls pg_notify, and each call starts a flow; or a table is read every few seconds, and each new or changed row starts one. Set an “event trigger” to this connection.':
    'Für ERP, MES oder Messdatenbank auf PostgreSQL. Entweder ruft ein Trigger in der Datenbank pg_notify auf, und jeder Aufruf startet einen Ablauf; oder eine Tabelle wird alle paar Sekunden gelesen, und jede neue oder geänderte Zeile startet einen. Einen „Ereignisauslöser“ auf diese Verbindung stellen.',
  'Notifications come in their order, each once, as long as the connection stands; in a burst the database keeps them until they are stored here.':
    'Meldungen kommen in ihrer Reihenfolge, jede einmal, solange die Verbindung steht; kommen viele auf einmal, hebt die Datenbank sie auf, bis sie hier gespeichert sind.',
  'Notifications while the connection is down are lost: PostgreSQL keeps none for those who are away. Read a table where nothing may be lost.':
    'Meldungen, während die Verbindung unterbrochen ist, sind verloren: PostgreSQL hebt für Abwesende keine auf. Wo nichts verloren gehen darf, eine Tabelle lesen.',

  // gauges
  Gauge: 'Messgerät',
  'Takes readings of a gauge: Mitutoyo, Mark-10, or another by a pattern; on a serial port, USB or a serial device server.':
    'Nimmt Messwerte eines Messgeräts: Mitutoyo, Mark-10 oder ein anderes über ein Muster; an serieller Schnittstelle, USB oder Schnittstellenserver.',
  'For calipers, micrometers, indicators, height and force gauges with a data output: each reading starts a flow. Use the node “gauge”, or an “event trigger” set to this connection.':
    'Für Messschieber, Messschrauben, Messuhren, Höhen- und Kraftmessgeräte mit Datenausgang: Jeder Messwert startet einen Ablauf. Den Knoten „Messgerät“ nehmen, oder einen „Ereignisauslöser“ auf diese Verbindung stellen.',
  'A line that is broken, garbled, too long, in another unit or of another form is refused and counted, with the reason: half a line never becomes a value.':
    'Eine Zeile, die abgebrochen, verstümmelt, zu lang, in einer anderen Einheit oder von anderer Form ist, wird mit Grund abgelehnt und gezählt: Aus einer halben Zeile wird nie ein Wert.',
  'Readings that a gauge sends while it is unplugged, or while this server is away, are lost: a gauge keeps none. Its display shows them; measure again.':
    'Messwerte, die ein Messgerät sendet, während es ausgesteckt oder dieser Server weg ist, sind verloren: Es hebt keine auf. Seine Anzeige zeigt sie; noch einmal messen.',
  'Readings that no flow waits for are not kept: none of them starts a flow later.':
    'Messwerte, auf die kein Ablauf wartet, werden nicht aufgehoben: Keiner von ihnen startet später einen Ablauf.',
  'A serial port belongs to this connection alone while it runs: another program that asks for it alone, too, is refused.':
    'Eine serielle Schnittstelle gehört dieser Verbindung allein, solange sie läuft: Ein anderes Programm, das sie auch für sich allein will, wird abgewiesen.',
  'The port of a machine is never opened, by whichever name: that could reset its controller.':
    'Die Schnittstelle einer Maschine wird nie geöffnet, unter welchem Namen auch immer: Das könnte ihre Steuerung zurücksetzen.',
  'Connected by': 'Angeschlossen über',
  'a serial port of this server (also USB)': 'eine serielle Schnittstelle dieses Servers (auch USB)',
  'the network (serial device server)': 'das Netz (Schnittstellenserver)',
  'Serial port': 'Serielle Schnittstelle',
  'As the server sees it. On Linux the names under /dev/serial/by-id stay with the adapter, whatever it is plugged into.':
    'Wie der Server sie sieht. Unter Linux bleiben die Namen unter /dev/serial/by-id beim Adapter, wo immer er steckt.',
  'Or by the USB adapter': 'Oder über den USB-Adapter',
  'Vendor, product and serial number, as the test lists them: the port is then found wherever it is plugged in.':
    'Hersteller-, Produkt- und Seriennummer, wie der Test sie aufzählt: Die Schnittstelle wird dann gefunden, wo immer er steckt.',
  'Baud rate': 'Baudrate',
  'Data bits, parity, stop bits': 'Datenbits, Parität, Stoppbits',
  '8, none, 1': '8, keine, 1',
  '8, even, 1': '8, gerade, 1',
  '8, odd, 1': '8, ungerade, 1',
  '7, even, 1': '7, gerade, 1',
  '7, odd, 1': '7, ungerade, 1',
  '7, even, 2': '7, gerade, 2',
  '8, none, 2': '8, keine, 2',
  'Mitutoyo (01A+0000.123)': 'Mitutoyo (01A+0000.123)',
  'Mark-10 (value and unit)': 'Mark-10 (Wert und Einheit)',
  'another: by a pattern': 'ein anderes: über ein Muster',
  'The gauge is set to': 'Das Messgerät steht auf',
  mm: 'mm',
  inch: 'inch',
  'A Mitutoyo line does not say its unit. A reading with the decimals of the other unit is refused.':
    'Eine Mitutoyo-Zeile nennt ihre Einheit nicht. Ein Messwert mit den Dezimalstellen der anderen Einheit wird abgelehnt.',
  Unit: 'Einheit',
  'Readings in another unit are refused. Empty: as each reading says.': 'Messwerte in anderer Einheit werden abgelehnt. Leer: wie jeder Messwert sagt.',
  'Pattern of a line': 'Muster einer Zeile',
  'A regular expression for the whole line, with the named group value; also sign, unit and channel where the line has them.':
    'Ein regulärer Ausdruck für die ganze Zeile, mit der benannten Gruppe value; dazu sign, unit und channel, wo die Zeile sie hat.',
  'Decimal sign': 'Dezimalzeichen',
  point: 'Punkt',
  'A line ends with': 'Eine Zeile endet mit',
  'LF, or CR LF': 'LF oder CR LF',
  CR: 'CR',
  'What asks for a reading': 'Womit nach einem Messwert gefragt wird',
  'Sent when a flow asks for a reading; \\r is CR, \\n is LF. Empty: Mark-10 is asked with ?\\r, others only send by themselves (data key, pedal).':
    'Wird gesendet, wenn ein Ablauf nach einem Messwert fragt; \\r ist CR, \\n ist LF. Leer: Mark-10 wird mit ?\\r gefragt, andere senden nur von selbst (Datentaste, Pedal).',
  'It answers within': 'Es antwortet innerhalb von',

  // settings
  'As the server sees it, from the root.': 'Wie ihn der Server sieht, von der Wurzel her.',
  Afterwards: 'Danach',
  'move the file into “done”': 'die Datei nach „done“ verschieben',
  'leave the file where it is': 'die Datei liegen lassen',
  'Moved files are never lost or told of twice. Of files that stay, those that come while the server is down are not told of.':
    'Verschobene Dateien gehen nie verloren und werden nie zweimal gemeldet. Von Dateien, die bleiben, werden solche nicht gemeldet, die kommen, während der Server steht.',
  Content: 'Inhalt',
  'not in the event, only the path': 'nicht im Ereignis, nur der Pfad',
  'as text': 'als Text',
  'as JSON': 'als JSON',
  'Goes along in the event, up to 200 kB.': 'Geht im Ereignis mit, bis 200 kB.',
  Watching: 'Beobachten',
  'the system tells of new files': 'das System meldet neue Dateien',
  'look again and again (network shares)': 'immer wieder nachsehen (Netzfreigaben)',
  'File is complete after': 'Datei ist fertig nach',
  'A file that has not changed for this long is told of.': 'Eine Datei, die sich so lange nicht geändert hat, wird gemeldet.',
  'A file that has not changed for this long is read.': 'Eine Datei, die sich so lange nicht geändert hat, wird gelesen.',
  'Inbox folder': 'Eingangsordner',
  'Work orders as CSV or JSON files are taken from here; read ones go to its folder "done", files with errors to "refused".':
    'Von hier werden Fertigungsaufträge als CSV- oder JSON-Dateien geholt; gelesene gehen in seinen Ordner „done“, fehlerhafte nach „refused“.',
  'Outbox folder': 'Ausgangsordner',
  'Confirmations are written here, one JSON file each.': 'Hierhin werden Rückmeldungen geschrieben, jede als eine JSON-Datei.',
  'File format': 'Dateiformat',
  'by the ending of the name': 'nach der Endung des Namens',
  CSV: 'CSV',
  JSON: 'JSON',
  'CSV separator': 'CSV-Trennzeichen',
  'what the header row uses': 'was die Kopfzeile benutzt',
  comma: 'Komma',
  semicolon: 'Strichpunkt',
  tab: 'Tabulator',
  'Look every': 'Nachsehen alle',
  Broker: 'Broker',
  'e.g. mqtt://broker.local:1883, mqtts://broker.local:8883 with TLS. Name and password have fields of their own.':
    'z. B. mqtt://broker.local:1883, mit TLS mqtts://broker.local:8883. Name und Passwort haben eigene Felder.',
  Topics: 'Themen',
  'One or more; + stands for one level, # at the end for all below.': 'Eines oder mehrere; + steht für eine Ebene, # am Ende für alles darunter.',
  'Quality of service': 'Dienstgüte (QoS)',
  '1: the broker keeps messages while the connection is down': '1: der Broker hebt Nachrichten auf, während die Verbindung unterbrochen ist',
  '0: what comes meanwhile is lost': '0: was in dieser Zeit kommt, ist verloren',
  'Client id': 'Client-Kennung',
  'Unlike that of every other client of the broker.': 'Anders als die jedes anderen Clients des Brokers.',
  'User name': 'Benutzername',
  Password: 'Passwort',
  'Retained messages too': 'Auch aufgehobene Nachrichten',
  'What the broker keeps of each topic comes at every connect.': 'Was der Broker je Thema aufhebt (retained), kommt bei jedem Verbinden.',
  'Certificate authority': 'Zertifizierungsstelle',
  'Of a server whose certificate is from an authority of your own, or signed by itself: that certificate as PEM text. Empty: the well-known authorities.':
    'Wenn das Zertifikat des Servers von einer eigenen Stelle stammt oder selbst unterschrieben ist: deren Zertifikat als PEM-Text. Leer: die allgemein bekannten Stellen.',
  'Client certificate': 'Client-Zertifikat',
  'Where the server asks for one, as PEM text; its key is entered below.': 'Wo der Server eines verlangt, als PEM-Text; sein Schlüssel wird unten eingegeben.',
  'Key of the client certificate': 'Schlüssel des Client-Zertifikats',
  'As PEM text, without a passphrase.': 'Als PEM-Text, ohne Kennwort.',
  Host: 'Rechner',
  'Or the folder of its Unix socket.': 'Oder der Ordner seines Unix-Sockets.',
  Port: 'Port',
  Database: 'Datenbank',
  User: 'Benutzer',
  'One that may only read is enough.': 'Einer, der nur lesen darf, genügt.',
  TLS: 'TLS',
  'Encrypts the line and checks who is at its other end.': 'Verschlüsselt die Leitung und prüft, wer am anderen Ende ist.',
  // a webhook, and where messages go
  Webhook: 'Webhook',
  'Sends messages that nobody has acknowledged to another program over HTTP.':
    'Schickt Meldungen, die niemand bestätigt hat, über HTTP an ein anderes Programm.',
  'For chat rooms, pagers, ticket systems and Node-RED elsewhere: what nobody at the panel has acknowledged in time is sent there. Choose it in the settings of the panel’s messages.':
    'Für Chats, Rufempfänger, Ticketsysteme und ein anderes Node-RED: Was am Bedienfeld niemand rechtzeitig bestätigt, wird dorthin geschickt. Ausgewählt wird es bei den Meldungen des Bedienfelds.',
  'A message is sent until it was taken (answer 2xx), with pauses of up to a minute, also over restarts of this server.':
    'Eine Meldung wird gesendet, bis sie angenommen ist (Antwort 2xx), mit Pausen bis zu einer Minute, auch über Neustarts dieses Servers hinweg.',
  'When the answer was lost a message may come twice: each carries the same key in the header Idempotency-Key.':
    'Ging die Antwort verloren, kann eine Meldung zweimal kommen: Jede trägt denselben Schlüssel im Kopf Idempotency-Key.',
  'An answer of 4xx ends it: it is then a dead letter that a person may have tried again.':
    'Eine Antwort 4xx beendet es: Dann liegt sie bei den unzustellbaren, und eine Person kann sie erneut versuchen lassen.',
  Address: 'Adresse',
  'Each message is sent there as JSON with POST: key, priority, title, text, machine, at.':
    'Jede Meldung wird als JSON mit POST dorthin geschickt: key, priority, title, text, machine, at.',
  Token: 'Token',
  'Sent as “Authorization: Bearer …”, if the other side asks for one.': 'Wird als „Authorization: Bearer …“ gesendet, wenn die andere Seite eines verlangt.',
  'Topic for messages': 'Thema für Meldungen',
  'Where alarms and messages go that nobody has acknowledged in time, as JSON. Empty: none go to this broker.':
    'Wohin Alarme und Meldungen als JSON gehen, die niemand rechtzeitig bestätigt hat. Leer: An diesen Broker gehen keine.',
  Channels: 'Kanäle',
  'As in NOTIFY: a trigger on a table calls pg_notify(channel, text).': 'Wie in NOTIFY: Ein Trigger auf einer Tabelle ruft pg_notify(Kanal, Text) auf.',
  'In a burst a broker with MQTT 5 may send 20,000 messages ahead, and drops none of them. One that knows only MQTT 3.1.1 sends few ahead (Mosquitto: 20) and drops what waits beyond its limit. What it says it has dropped is shown here.':
    'In einem Schwall darf ein Broker mit MQTT 5 20.000 Nachrichten vorausschicken und verwirft davon keine. Einer, der nur MQTT 3.1.1 kann, schickt wenige voraus (Mosquitto: 20) und verwirft, was über seine Grenze hinaus wartet. Was er nach eigenen Worten verworfen hat, steht hier.',
  'Reading a table: no row is lost while this server is away. How far it was read is kept here in the same transaction as what it starts, and each row (by its key and its cursor) is told of once.':
    'Eine Tabelle lesen: Keine Zeile geht verloren, während dieser Server weg ist. Wie weit gelesen wurde, steht hier in derselben Transaktion wie das, was dadurch startet; jede Zeile (nach Schlüssel und Cursor) wird einmal gemeldet.',
  'Reading a table finds a row that is committed late only within “Rows may come late by”; a row that is changed twice between two looks is told of once, as it is then; deleted rows and rows without a cursor value are not told of.':
    'Eine Zeile, die spät festgeschrieben wird, wird nur innerhalb von „Zeilen dürfen verspätet sein um“ gefunden; eine, die zwischen zwei Blicken zweimal geändert wird, wird einmal gemeldet, so wie sie dann ist; gelöschte Zeilen und solche ohne Cursor-Wert werden nicht gemeldet.',
  How: 'Wie',
  'by notifications: at once, lost while the connection is down': 'durch Meldungen (NOTIFY): sofort; verloren, während die Verbindung unterbrochen ist',
  'by reading a table: every few seconds, nothing is lost': 'eine Tabelle lesen: alle paar Sekunden; nichts geht verloren',
  'Table or view': 'Tabelle oder Sicht',
  'With its schema where it is not on the search path.': 'Mit ihrem Schema, wo es nicht im Suchpfad steht.',
  'Cursor column': 'Cursor-Spalte',
  'Grows with every new row, such as a serial number; or with every change too, such as a time of the last change. It should have an index.':
    'Wächst mit jeder neuen Zeile, wie eine laufende Nummer; oder auch mit jeder Änderung, wie die Zeit der letzten Änderung. Sie sollte einen Index haben.',
  'Key column': 'Schlüssel-Spalte',
  'Tells rows with the same cursor apart. Empty: the cursor does.': 'Unterscheidet Zeilen mit demselben Cursor. Leer: Der Cursor genügt.',
  'Read every': 'Lesen alle',
  'Rows may come late by': 'Zeilen dürfen verspätet sein um',
  'A transaction that took its number early may be committed after later ones: how long it may take at most.':
    'Eine Transaktion, die ihre Nummer früh genommen hat, kann nach späteren festgeschrieben werden: wie lange sie höchstens dauern darf.',
  'At the first time': 'Beim ersten Mal',
  'only rows that come from now on': 'nur Zeilen, die von jetzt an kommen',
  'every row that is there': 'jede Zeile, die da ist',
}

/** @returns undefined where there is no German */
export function germanOf(english: string): string | undefined {
  return Object.hasOwn(texts, english) ? texts[english] : undefined
}

export { texts as connectorTexts }
