// A socket.io-client in a test's hands: says what it hears as lines of JSON, and emits what it is told to on its input.
//
//     node live.mjs BASE TOKEN TRANSPORT [header]
import { createInterface } from 'node:readline';
import { io } from 'socket.io-client';

const [base, token, transport, where] = process.argv.slice(2);
const said = (event, data) => console.log(JSON.stringify({ event, data: data ?? null }));
const signedIn = where === 'header' ? { extraHeaders: { authorization: `Bearer ${token}` } } : { auth: { token } };
const transports = transport === 'both' ? ['polling', 'websocket'] : [transport];

const socket = io(base, { ...signedIn, transports, reconnection: false });
socket.on('connect', () => said('connect', { transport: socket.io.engine.transport.name }));
socket.on('connect_error', (error) => said('connect_error', { message: error.message }));
socket.on('disconnect', (reason) => said('disconnect', { reason }));
socket.io.engine.on('upgrade', (to) => said('upgrade', { transport: to.name }));
socket.onAny(said);

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const { emit, data } = JSON.parse(line);
  socket.emit(emit, data);
});
lines.on('close', () => {
  socket.disconnect();
  process.exit(0);
});
