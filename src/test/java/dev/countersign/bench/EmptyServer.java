package dev.countersign.bench;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.AbstractProtocol;
import org.apache.tomcat.util.threads.VirtualThreadExecutor;

/** The embedded server with a handler that does nothing: what a request costs at least. */
final class EmptyServer {
    private EmptyServer() {}

    public static void main(String[] arguments) throws Exception {
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(Files.createTempDirectory("countersign-bench-").toString());
        tomcat.setPort(0);
        AbstractProtocol<?> protocol =
                (AbstractProtocol<?>) tomcat.getConnector().getProtocolHandler();
        protocol.setExecutor(new VirtualThreadExecutor("empty-"));
        protocol.setMaxConnections(12_000);
        // As Countersign has it: a connection is not closed after a hundred requests.
        tomcat.getConnector().setProperty("maxKeepAliveRequests", "10000");
        Context context = tomcat.addContext("", null);
        Tomcat.addServlet(context, "empty", new Empty());
        context.addServletMappingDecoded("/*", "empty");
        tomcat.start();
        System.out.println(tomcat.getConnector().getLocalPort());
        tomcat.getServer().await();
    }

    private static final class Empty extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.setContentLength(0);
        }
    }
}
